/**
 * A span of work that can be called off. What an AbortSignal does, but every call has one and few need a
 * signal: that one is made only when it is asked for. (A class, because V8 makes a hidden class of its own for
 * each object literal with a getter.)
 */
export class Life {
  /** Whoever could go on with it is being waited for, so silence elsewhere means nothing. */
  isHeld = false
  #isOver = false
  #listeners: readonly (() => void)[] = NOBODY
  #controller: AbortController | undefined

  get isOver(): boolean {
    return this.#isOver
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** Calls back when it is over, at once if it is. Returns the way to forget that. */
  onOver(listener: () => void): () => void {
    if (this.#isOver) listener()
    else this.#listeners = [...this.#listeners, listener]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener)
    }
  }

  end(): void {
    const told = this.#listeners
    this.#isOver = true
    this.#listeners = NOBODY
    this.#controller?.abort()
    for (const listener of told) listener()
  }
}

const NOBODY: readonly (() => void)[] = []

/** A life that ends with a signal. */
export function lifeUntil(signal: AbortSignal): Life {
  const life = new Life()
  if (signal.aborted) life.end()
  signal.addEventListener('abort', () => life.end(), { once: true })
  return life
}
