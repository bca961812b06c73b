import { setTimeout as sleep } from 'node:timers/promises'
import type { Life } from './life.js'

/** What came of holding a stream until it ended. */
export interface Attempt {
  /** The server has no such stream, or nothing more to say on it. */
  isOver?: boolean
  /** It brought something. */
  wasUseful?: boolean
  /** How long the server wants to be left alone, in milliseconds. */
  retryMs?: number | undefined
}

const FIRST_PAUSE_MS = 1_000
const SHORTEST_PAUSE_MS = 100
export const LONGEST_PAUSE_MS = 30_000

/** How many attempts in a row may bring nothing; with their pauses that is some five minutes. */
const MOST_FRUITLESS = 14

/**
 * Takes a stream up again whenever it ends, after pauses that grow while it brings nothing. Resolves with true
 * once the server declines it or the life is over, with false where it was given up.
 */
export async function keepTrying(life: Life, attempt: () => Promise<Attempt>): Promise<boolean> {
  for (let fruitless = 0; fruitless < MOST_FRUITLESS; fruitless += 1) {
    const begun = Date.now()
    const { isOver, wasUseful, retryMs } = await attempt()
    if (isOver || life.isOver) return true
    if (wasUseful || Date.now() - begun > LONGEST_PAUSE_MS) fruitless = 0
    const pause = Math.max(retryMs ?? FIRST_PAUSE_MS, SHORTEST_PAUSE_MS) * 2 ** fruitless
    await sleep(Math.min(pause, LONGEST_PAUSE_MS), undefined, { signal: life.signal })
  }
  return false
}
