import { createBag, type InBag } from './bag.js'
import type { Life } from './life.js'

/** Something that is waited for, and how long it may stay silent. */
export interface Waiting {
  /** It was heard. */
  heard(): void
  /** Nothing is waited for any more. */
  done(): void
}

export interface Silences {
  /** Calls back once nothing was heard for so long; 0 is never. While the life is held, nothing is expected. */
  wait(silenceMs: number, life: Life, onSilence: () => void): Waiting
}

interface Entry extends InBag {
  heardAt: number
  silenceMs: number
  life: Life
  onSilence: () => void
}

const LONGEST_LOOK_MS = 1_000

/** One timer that looks after everything that is waited for: a timer for each call would cost each call. */
export function watchSilences(now: () => number = Date.now): Silences {
  const waiting = createBag<Entry>()
  let isLooking = false
  const look = () => {
    isLooking = false
    const at = now()
    for (const entry of waiting.items()) {
      if (entry.life.isHeld) entry.heardAt = at
      if (at - entry.heardAt < entry.silenceMs) continue
      waiting.delete(entry)
      entry.onSilence()
    }
    lookLater()
  }
  const lookLater = () => {
    if (isLooking || waiting.size === 0) return
    const shortest = Math.min(...waiting.items().map((entry) => entry.silenceMs))
    setTimeout(look, Math.min(LONGEST_LOOK_MS, shortest / 4)).unref()
    isLooking = true
  }
  return {
    wait(silenceMs, life, onSilence) {
      if (silenceMs === 0) return NOBODY
      const entry = { place: -1, heardAt: now(), silenceMs, life, onSilence }
      waiting.add(entry)
      lookLater()
      return {
        heard() {
          entry.heardAt = now()
        },
        done: () => waiting.delete(entry),
      }
    },
  }
}

const NOBODY: Waiting = { heard() {}, done() {} }
