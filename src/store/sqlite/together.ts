import type SQLite from 'better-sqlite3'
import type { Work } from '../statement.js'
import { isUnavailable } from './errors.js'

interface Write {
  work: () => Work<unknown>
  resolve(result: unknown): void
  reject(reason: unknown): void
}

/** Tells one writer how its work ended. */
type Telling = () => void

export interface WriteOptions {
  sqlite: SQLite.Database
  /** Runs work to its end, inside a transaction that is there. */
  run: <Result>(work: () => Work<Result>) => Result
  /** Tries again while another process holds the database. */
  patiently: <Result>(work: () => Result) => Promise<Result>
}

/**
 * Writes that come in the same round of the event loop share one transaction, and so one wait for the disk; nobody
 * is told before it is committed. Each has a savepoint: one that fails takes back its own rows alone. What the
 * database itself cannot do (it is busy, its disk is full or broken) fails all of them, and nothing is written.
 */
export function createWriter({ sqlite, run, patiently }: WriteOptions) {
  let waiting: Write[] = []
  const alone = sqlite.transaction(run)
  const attempt = ({ work, resolve, reject }: Write): Telling => {
    try {
      const result = alone(work)
      return () => resolve(result)
    } catch (error) {
      if (isUnavailable(error) || !sqlite.inTransaction) throw error
      return () => reject(error)
    }
  }
  const together = sqlite.transaction((writes: readonly Write[]) => writes.map(attempt))
  const commit = async () => {
    const writes = waiting
    waiting = []
    try {
      for (const tell of await patiently(() => together.immediate(writes))) tell()
    } catch (error) {
      for (const { reject } of writes) reject(error)
    }
  }

  return <Result>(work: () => Work<Result>): Promise<Result> =>
    new Promise<Result>((resolve, reject) => {
      if (waiting.length === 0) setImmediate(commit)
      waiting.push({ work, resolve: resolve as Write['resolve'], reject })
    })
}
