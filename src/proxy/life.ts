/**
 * A span of work that can be called off. What an AbortSignal does, but every call has one and few need a
 * signal: that one is made only when it is asked for.
 */
export interface Life {
  readonly isOver: boolean
  /** Calls back when it is over, at once if it is. Returns the way to forget that. */
  onOver(listener: () => void): () => void
  readonly signal: AbortSignal
}

export function createLife(): Life & { end(): void } {
  const listeners = new Set<() => void>()
  let isOver = false
  let controller: AbortController | undefined
  return {
    get isOver() {
      return isOver
    },
    onOver(listener) {
      if (isOver) listener()
      else listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get signal() {
      controller ??= new AbortController()
      if (isOver) controller.abort()
      return controller.signal
    },
    end() {
      isOver = true
      controller?.abort()
      for (const listener of listeners) listener()
      listeners.clear()
    },
  }
}

/** A life that ends with a signal. */
export function lifeUntil(signal: AbortSignal): Life {
  const life = createLife()
  if (signal.aborted) life.end()
  signal.addEventListener('abort', life.end, { once: true })
  return life
}
