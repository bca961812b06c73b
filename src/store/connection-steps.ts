import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from './connection.js'
import { FIRST_ROWS, nextStep, PAUSE_MS } from './steps.js'

/**
 * Does a long change in transactions so short that others can write in between: whoever does write gets as
 * much time as the change takes itself. `prepare` makes what a step of so many rows needs, after so many
 * that are changed already, outside of the transaction; `change` uses it and answers how many rows it touched. It is over when they are fewer.
 */
export async function inSteps<T = number>(
  { sqlite, write }: Connection,
  change: (prepared: T) => number,
  prepare: (rows: number, changed: number) => T = (rows) => rows as T,
): Promise<number> {
  const version = () => sqlite.pragma('data_version', { simple: true })
  let [changed, before] = [0, version()]
  for (let rows = FIRST_ROWS; ; ) {
    const prepared = prepare(rows, changed)
    const startedAt = performance.now()
    const done = await write(() => change(prepared))
    const took = performance.now() - startedAt
    changed += done
    if (done < rows) return changed
    rows = nextStep(rows, took)
    const now = version()
    await sleep(now === before ? PAUSE_MS : took)
    before = now
  }
}
