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

/** How many in vain may follow each other as fast as the server wants them to. */
const MOST_HASTY = 5

/**
 * How long to leave the server alone after each attempt, in milliseconds: as long as it wants, else longer each
 * time that nothing came. Undefined once enough of these have been in vain.
 */
export function createPatience(): (attempt: Attempt, lastedMs: number) => number | undefined {
  let fruitless = 0
  return ({ wasUseful, retryMs }, lastedMs) => {
    if (wasUseful || lastedMs > LONGEST_PAUSE_MS) fruitless = 0
    const least = fruitless < MOST_HASTY ? SHORTEST_PAUSE_MS : FIRST_PAUSE_MS
    const grown = Math.min(FIRST_PAUSE_MS * 2 ** fruitless, LONGEST_PAUSE_MS)
    if (retryMs === undefined || fruitless < MOST_HASTY) fruitless += 1
    return fruitless < MOST_FRUITLESS ? Math.max(retryMs ?? grown, least) : undefined
  }
}

/**
 * Takes a stream up again whenever it ends. Resolves with true once the server declines it or the life is over,
 * with false where it was given up.
 */
export async function keepTrying(life: Life, attempt: () => Promise<Attempt>): Promise<boolean> {
  const patience = createPatience()
  for (;;) {
    const begun = Date.now()
    const outcome = await attempt()
    if (outcome.isOver || life.isOver) return true
    const pause = patience(outcome, Date.now() - begun)
    if (pause === undefined) return false
    await sleep(pause, undefined, { signal: life.signal })
  }
}
