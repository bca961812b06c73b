import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import { ZukoError } from '../errors.js'
import * as schema from './schema.js'

/** How long a statement may wait for another process' write; it blocks the event loop, hence so short. */
export const BUSY_TIMEOUT_MS = 250

/** Pauses between tries at a busy database; together with the waits inside, at most about 1.3 s. */
const PAUSES_MS = [20, 60, 120]

export interface Connection {
  sqlite: SQLite.Database
  db: BetterSQLite3Database<typeof schema>
  /** Runs `work` (synchronous) on one consistent snapshot. */
  read<T>(work: () => T): Promise<T>
  /** Runs `work` (synchronous) in one immediate transaction: all of it, or nothing. */
  write<T>(work: () => T): Promise<T>
}

const driverCode = (error: unknown): string => (error instanceof SQLite.SqliteError ? error.code : '')

export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(driverCode(error))

/** Our own words for what the database cannot do now; the driver's stay in `cause`. Other errors pass. */
export function asUnavailable(error: unknown): unknown {
  const unavailable = (message: string, fix: string) =>
    new ZukoError('UNAVAILABLE', message, { fix, cause: error })
  const code = driverCode(error)
  if (isBusy(error)) return unavailable('The store is busy.', 'try again in a moment')
  if (code === 'SQLITE_FULL')
    return unavailable('The disk of the store is full.', 'free some space and try again')
  if (/^SQLITE_(IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB)/.test(code)) {
    return unavailable('The store cannot be read or written.', 'check its disk and its file permissions')
  }
  return error
}

/** Tries `work` again, without blocking in between, while another process holds the database. */
async function patiently<T>(sqlite: SQLite.Database, work: () => T): Promise<T> {
  for (const pause of [...PAUSES_MS, undefined]) {
    if (!sqlite.open) throw new ZukoError('UNAVAILABLE', 'The store is closed.')
    try {
      return work()
    } catch (error) {
      if (!isBusy(error) || pause === undefined) throw asUnavailable(error)
      await sleep(pause * (0.5 + Math.random()))
    }
  }
  throw new ZukoError('UNAVAILABLE', 'The store is busy.')
}

export function connect(sqlite: SQLite.Database): Connection {
  return {
    sqlite,
    db: drizzle(sqlite, { schema }),
    read: (work) => patiently(sqlite, sqlite.transaction(work).deferred as typeof work),
    write: (work) => patiently(sqlite, sqlite.transaction(work).immediate as typeof work),
  }
}
