import { setTimeout as sleep } from 'node:timers/promises'
import type SQLite from 'better-sqlite3'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import { ZukoError } from '../errors.js'
import * as schema from './schema.js'
import { asUnavailable, isBusy } from './sqlite/errors.js'

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
