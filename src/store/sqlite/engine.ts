import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import SQLite from 'better-sqlite3'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { ZukoError } from '../../errors.js'
import { authDatabaseThrough } from '../auth-database.js'
import type { Engine, Read } from '../engine.js'
import * as schema from '../schema.js'
import type { Outcome, Statement, Step, Work } from '../statement.js'
import { createTurns } from '../turns.js'
import { asUnavailable, BUSY_TIMEOUT_MS, isBusy } from './errors.js'
import { createWriter } from './together.js'

/** How long to try at a busy database, and how long a pause is between two tries. */
const PATIENCE_MS = 1200
const pauseMs = () => 5 + 20 * Math.random()

/**
 * What this connection does differently while it adds many rows, and what it does otherwise. It does not wait
 * for the disk at every commit: a killed process loses nothing by it; after a power cut the last batches may
 * be missing, together with the note that they were done. The log is merged every 32 MiB, 64 MiB are cached.
 */
const IN_BULK = ['synchronous = NORMAL', 'wal_autocheckpoint = 8000', 'cache_size = -65536']
const AS_EVER = ['synchronous = FULL', 'wal_autocheckpoint = 1000', 'cache_size = -2000']

/** Runs work to its end, statement by statement; each is prepared once for the connection. */
function runner(sqlite: SQLite.Database) {
  const prepared = new Map<Statement, SQLite.Statement>()
  const prepare = (statement: Statement): SQLite.Statement => {
    const known = prepared.get(statement)
    if (known) return known
    const made = sqlite.prepare(statement.sqlite)
    prepared.set(statement, made)
    return made
  }
  const outcome = (made: SQLite.Statement, values: object): Outcome => {
    if (!made.reader) return { rows: [], changes: made.run(values).changes }
    const rows = made.all(values)
    return { rows, changes: rows.length }
  }
  const outcomes = (made: SQLite.Statement, many: readonly object[]): Outcome => {
    const each = many.map((values) => outcome(made, values))
    return {
      rows: each.flatMap(({ rows }) => rows),
      changes: each.reduce((sum, { changes }) => sum + changes, 0),
    }
  }
  const perform = ({ statement, values }: Step): Outcome => {
    const made = prepare(statement)
    return Array.isArray(values) ? outcomes(made, values) : outcome(made, values)
  }
  return <Result>(work: () => Work<Result>): Result => {
    const steps = work()
    let step = steps.next()
    while (!step.done) step = steps.next(perform(step.value))
    return step.value
  }
}

/** Tries `work` again, without blocking in between, while another process holds the database. */
async function patiently<T>(sqlite: SQLite.Database, work: () => T | Promise<T>): Promise<T> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    if (!sqlite.open) throw new ZukoError('UNAVAILABLE', 'The store is closed.')
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw asUnavailable(error)
      await sleep(pauseMs())
    }
  }
}

const fileSize = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** A connection of its own holds the snapshot of a file; a store in memory has only the one. */
async function snapshot<Result>(sqlite: SQLite.Database, work: (read: Read) => Promise<Result>) {
  if (sqlite.memory) return work(async (one) => runner(sqlite)(one))
  const reader = new SQLite(sqlite.name, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    const run = runner(reader)
    reader.exec('BEGIN')
    return await work(async (one) => run(one))
  } catch (error) {
    throw asUnavailable(error)
  } finally {
    reader.close()
  }
}

/** The embedded database, over an open and migrated file. */
export function sqliteEngine(sqlite: SQLite.Database): Engine {
  // A wait inside SQLite would hold up the event loop, and with it everybody else; `patiently` waits outside.
  sqlite.pragma('busy_timeout = 0')
  const run = runner(sqlite)
  const transaction = sqlite.transaction(run) as SQLite.Transaction<typeof run>
  const write = createWriter({ sqlite, run, patiently: (work) => patiently(sqlite, work) })
  const number = (pragma: string) => Number(sqlite.pragma(pragma, { simple: true }))
  const set = (settings: string[]) => {
    for (const setting of settings) sqlite.pragma(setting)
  }
  return {
    dialect: 'sqlite',
    read: <Result>(_: unknown, work: () => Work<Result>) =>
      patiently(sqlite, () => transaction.deferred(work) as Result),
    write: (_, work) => write(work),
    snapshot: (work) => snapshot(sqlite, work),
    alone: createTurns(),
    async inBulk(work) {
      set(IN_BULK)
      try {
        return await work()
      } finally {
        set([...AS_EVER, 'wal_checkpoint(PASSIVE)'])
      }
    },
    revision: async () => number('data_version'),
    size: async () => ({
      bytes: number('page_count') * number('page_size'),
      logBytes: sqlite.memory ? 0 : fileSize(`${sqlite.name}-wal`),
    }),
    authDatabase: authDatabaseThrough(
      drizzleAdapter(drizzle(sqlite, { schema }), { provider: 'sqlite', schema }),
      (statement) => patiently(sqlite, statement),
    ),
    close: async () => void sqlite.close(),
  }
}
