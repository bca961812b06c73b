import { closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { ZukoError } from '../../errors.js'
import { asUnavailable, BUSY_TIMEOUT_MS, isBusy } from './errors.js'
import { nameStore, ownsItsLog } from './identity.js'
import { migrate, refuseUnknownSchema } from './migrate.js'

/** Two processes on one file corrupt it under older versions: sqlite.org/wal.html, the WAL-reset bug. */
const OLDEST_SQLITE = '3.51.3'
const START_PATIENCE_MS = 10_000
/** Up to this size every page is checked at start; beyond, what SQLite itself checks when it opens the file. */
const FULL_CHECK_BYTES = 64 * 1024 * 1024
const MAGIC = 'SQLite format 3\0'

/** @throws ZukoError FAILED when `version` is older than the first one that is safe for two processes */
export function refuseOldSqlite(version: string): void {
  const older = version.localeCompare(OLDEST_SQLITE, 'en', { numeric: true }) < 0
  if (!older) return
  throw new ZukoError('FAILED', `SQLite ${version} can corrupt a store that two processes use.`, {
    fix: `install a better-sqlite3 that brings SQLite ${OLDEST_SQLITE} or later: npm install better-sqlite3`,
  })
}

const damaged = (path: string, what: string, cause?: unknown) =>
  new ZukoError('FAILED', `The store ${path} ${what}; nothing was changed.`, {
    fix: 'put a backup in its place, or set DATABASE_URL to another file',
    cause,
  })

/** Makes the file and its folder for their owner only. Answers the size of what is there. */
function prepareFile(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    closeSync(openSync(path, 'a', 0o600))
    return statSync(path).size
  } catch (error) {
    throw new ZukoError('FAILED', `The store ${path} cannot be opened for writing.`, {
      fix: 'give this user the right to write the file and its folder, or set DATABASE_URL to another file',
      cause: error,
    })
  }
}

export const isDatabase = (path: string): boolean => {
  const start = Buffer.alloc(MAGIC.length)
  const file = openSync(path, 'r')
  readSync(file, start, 0, start.length, 0)
  closeSync(file)
  return start.toString('latin1') === MAGIC
}

/** Reads only: whoever may write merges the log into the file when it closes, even one that does not belong. */
function refuseToOpen(path: string, size: number): void {
  const sqlite = new SQLite(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    sqlite.prepare('SELECT count(*) FROM sqlite_schema').get()
    if (!ownsItsLog(sqlite)) throw damaged(path, `lies beside ${path}-wal, which belongs to another store`)
    refuseUnknownSchema(sqlite)
    if (size > FULL_CHECK_BYTES) return
    const verdict = sqlite.pragma('quick_check(1)', { simple: true })
    if (verdict !== 'ok') throw damaged(path, 'is damaged', new Error(String(verdict)))
  } finally {
    sqlite.close()
  }
}

/** SQLite throws the log of an empty file away; with it would go what a cut off store can be saved from. */
function refuseLostFile(path: string): void {
  if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return
  throw damaged(path, `is empty, and ${path}-wal holds changes of it`)
}

function configure(sqlite: SQLite.Database): void {
  sqlite.pragma('journal_mode = WAL')
  sqlite.pragma('synchronous = FULL')
  sqlite.pragma('foreign_keys = ON')
}

function open(path: string, size: number): SQLite.Database {
  if (size > 0) refuseToOpen(path, size)
  const sqlite = new SQLite(path, { timeout: BUSY_TIMEOUT_MS })
  try {
    refuseOldSqlite(sqlite.prepare('SELECT sqlite_version()').pluck().get() as string)
    configure(sqlite)
    migrate(sqlite)
    // A savepoint's journal takes no file descriptor: calls go on when there is none left. Migrations sort in files.
    sqlite.pragma('temp_store = MEMORY')
    nameStore(sqlite)
    return sqlite
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/**
 * Opens (and on first use makes) the database file, checked, configured and migrated. Waits up to ten seconds
 * for another process that is doing the same.
 * @throws ZukoError FAILED or UNAVAILABLE in one clear line; never puts a new store in a damaged one's place
 */
export async function openFile(path: string): Promise<SQLite.Database> {
  const memory = path === ':memory:'
  const size = memory ? 0 : prepareFile(path)
  if (size > 0 && !isDatabase(path)) throw damaged(path, 'is not a SQLite database')
  if (size === 0 && !memory) refuseLostFile(path)
  const deadline = Date.now() + START_PATIENCE_MS
  for (;;) {
    try {
      return open(path, size)
    } catch (error) {
      const code = error instanceof SQLite.SqliteError ? error.code : ''
      if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) throw damaged(path, 'is damaged', error)
      if (!isBusy(error) || Date.now() > deadline) throw asUnavailable(error)
      await sleep(50)
    }
  }
}
