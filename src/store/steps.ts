import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './connection.js'

/** How long one transaction of a long change may hold the write lock: aimed at, and what it rarely exceeds. */
const AIM_MS = 15
const FIRST_ROWS = 200

/** A pause between transactions in which a waiting process gets the lock. */
const PAUSE_MS = 2

/** How many rows the next step should have, after one of `rows` that took `ms`. Grows slowly, shrinks at once. */
export const nextStep = (rows: number, ms: number): number =>
  Math.max(10, Math.floor(Math.min(rows * 1.5, (rows * AIM_MS) / Math.max(ms, 0.5))))

/**
 * Does a long change in transactions so short that others can write in between. `change` is told how many
 * rows it may touch and answers how many it did; the change is over when they are fewer. Answers their sum.
 */
export async function inSteps({ write }: Connection, change: (rows: number) => number): Promise<number> {
  let changed = 0
  for (let rows = FIRST_ROWS; ; ) {
    const startedAt = performance.now()
    const done = await write(() => change(rows))
    changed += done
    if (done < rows) return changed
    rows = nextStep(rows, performance.now() - startedAt)
    await sleep(PAUSE_MS)
  }
}
