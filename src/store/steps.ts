import { setTimeout as sleep } from 'node:timers/promises'
import type { Engine } from './engine.js'
import type { Work } from './statement.js'

/** How long one transaction of a long change should hold its locks; 50 ms is what others can bear. */
const AIM_MS = 20
export const FIRST_ROWS = 200
const LEAST_ROWS = 10

/** A pause between transactions in which a waiting process gets the lock. */
export const PAUSE_MS = 1

/** How many rows the next step should have, after one of `rows` that took `ms`. Grows slowly, shrinks at once. */
export const nextStep = (rows: number, ms: number): number =>
  Math.max(LEAST_ROWS, Math.floor(Math.min(rows * 1.5, (rows * AIM_MS) / Math.max(ms, 0.1))))

/**
 * Does a long change, for whoever holds the store itself, in transactions so short that others can write in
 * between: on SQLite, whoever does write gets as much time as the change takes itself. `prepare` makes what a
 * step of so many rows needs, after so many that are changed already, outside of the transaction; `change`
 * uses it and answers how many rows it touched. It is over when they are fewer.
 */
export async function inSteps<T = number>(
  engine: Engine,
  change: (prepared: T) => Work<number>,
  prepare: (rows: number, changed: number) => T = (rows) => rows as T,
): Promise<number> {
  const oneWriter = engine.dialect === 'sqlite'
  let [changed, before] = [0, oneWriter ? await engine.revision() : 0]
  for (let rows = FIRST_ROWS; ; ) {
    const prepared = prepare(rows, changed)
    const startedAt = performance.now()
    const done = await engine.write('operator', () => change(prepared))
    const took = performance.now() - startedAt
    changed += done
    if (done < rows) return changed
    rows = nextStep(rows, took)
    const now = oneWriter ? await engine.revision() : 0
    await sleep(now === before ? PAUSE_MS : took)
    before = now
  }
}
