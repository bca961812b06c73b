import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import SQLite from 'better-sqlite3'
import { isZukoError, ZukoError } from '../../errors.js'
import { type CopyProgress, copyDatabase, syncFile } from './backup.js'
import { type Contents, contentsOf, fingerprint, refuseUnsound, sameContents } from './contents.js'
import { BUSY_TIMEOUT_MS, isBusy } from './errors.js'
import { isDatabase, openFile } from './file.js'
import { isStore } from './migrate.js'

export interface Restore {
  /** The backup. */
  from: string
  /** The store. */
  path: string
  /** Where the store that is there now is kept. */
  aside: string
}

export interface Restored {
  contents: Contents
  /** `same` when the store holds exactly this already; `new` when there was none. */
  outcome: 'replaced' | 'new' | 'same'
}

const refused = (message: string, fix: string, cause?: unknown) =>
  new ZukoError('FAILED', `${message}; nothing was changed.`, { fix, cause })

const noBackup = (from: string, cause?: unknown) =>
  refused(
    `${from} is no backup of a store that this zuko-mcp knows`,
    'name a file that "admin backup" wrote',
    cause,
  )

/** Copies a backup to where it can take the store's place, and proves it there, brought up to date. */
async function prepare(from: string, temporary: string, progress: CopyProgress): Promise<Contents> {
  if (!isDatabase(from)) throw noBackup(from)
  const backup = new SQLite(from, { readonly: true })
  try {
    if (!isStore(backup)) throw noBackup(from)
    refuseUnsound(backup, from)
    const contents = await copyDatabase(backup, temporary, progress)
    const migrated = await openFile(temporary)
    migrated.pragma('journal_mode = DELETE')
    migrated.close()
    syncFile(temporary)
    return contents
  } catch (error) {
    if (error instanceof SQLite.SqliteError) throw noBackup(from, error)
    throw error
  } finally {
    backup.close()
  }
}

/**
 * Opens the store so that nobody else has it open. Leaving the WAL mode needs that, and merges the log into
 * the file. Answers undefined for a file that is so damaged that nobody can have it open.
 * @throws ZukoError FAILED while another process uses it
 */
function claim(path: string): SQLite.Database | undefined {
  let store: SQLite.Database | undefined
  try {
    store = new SQLite(path, { timeout: BUSY_TIMEOUT_MS })
    store.pragma('journal_mode = DELETE')
    store.exec('BEGIN EXCLUSIVE')
    return store
  } catch (error) {
    store?.close()
    if (isBusy(error)) throw refused('Another process uses the store', 'stop "zuko-mcp serve" first', error)
    const code = error instanceof SQLite.SqliteError ? error.code : ''
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return undefined
    throw error
  }
}

function holdsTheSame(store: SQLite.Database, temporary: string): boolean {
  const copy = new SQLite(temporary, { readonly: true })
  try {
    return sameContents(contentsOf(store), contentsOf(copy)) && fingerprint(store) === fingerprint(copy)
  } finally {
    copy.close()
  }
}

/** Gives a file a second name; where the disk has no links, a copy. */
function keep(path: string, aside: string): void {
  try {
    linkSync(path, aside)
  } catch {
    copyFileSync(path, aside, constants.COPYFILE_EXCL)
  }
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** The store is at its place in every moment: the old one, then the new one. */
function replace(path: string, temporary: string, aside: string): void {
  keep(path, aside)
  for (const end of ['-wal', '-shm']) {
    if (existsSync(path + end)) renameSync(path + end, aside + end)
  }
  renameSync(temporary, path)
  syncFolder(path)
}

async function takePlace({ path, aside }: Restore, temporary: string): Promise<Restored['outcome']> {
  if (!existsSync(path)) {
    renameSync(temporary, path)
    syncFolder(path)
    return 'new'
  }
  // What is no database is left as it is: SQLite would take its log away.
  const store = isDatabase(path) ? claim(path) : undefined
  try {
    if (store && holdsTheSame(store, temporary)) return 'same'
    replace(path, temporary, aside)
    // Whoever opened the old file meanwhile waits for it in vain this long, and then opens the new one.
    await sleep(BUSY_TIMEOUT_MS * 2)
    return 'replaced'
  } finally {
    store?.close()
  }
}

/**
 * Puts a proved copy of a backup in the store's place, all at once; the store that was there is kept.
 * @throws ZukoError FAILED, with nothing changed, for what is no sound backup or while the store is in use
 */
export async function restore(given: Restore, progress: CopyProgress): Promise<Restored> {
  const temporary = `${given.path}.restoring-${process.pid}`
  mkdirSync(dirname(given.path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(temporary, 'w', 0o600))
    const contents = await prepare(given.from, temporary, progress)
    return { contents, outcome: await takePlace(given, temporary) }
  } catch (error) {
    if (isZukoError(error)) throw error
    throw refused(`The store ${given.path} cannot be replaced`, 'check the right to write its folder', error)
  } finally {
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(temporary + end, { force: true })
  }
}
