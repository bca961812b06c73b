import { EventEmitter, once } from 'node:events'

/** Counts what is under way, so that a shutdown can wait for it. */
export interface InFlight {
  /** Counts `work` until it settles. */
  track<T>(work: Promise<T>): Promise<T>
  active(): number
  /** Resolves when nothing is under way, at the latest after `deadlineMs`. */
  idle(deadlineMs: number): Promise<void>
}

export function createInFlight(): InFlight {
  const events = new EventEmitter()
  let active = 0
  return {
    async track(work) {
      active++
      try {
        return await work
      } finally {
        if (--active === 0) events.emit('idle')
      }
    },
    active: () => active,
    async idle(deadlineMs) {
      if (active === 0) return
      await once(events, 'idle', { signal: AbortSignal.timeout(deadlineMs) }).catch(() => {})
    },
  }
}
