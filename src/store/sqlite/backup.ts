import { closeSync, fsyncSync, openSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { ZukoError } from '../../errors.js'
import { type Contents, contentsOf, refuseUnsound, sameContents } from './contents.js'
import { openFile } from './file.js'

/** Pages copied before others run: some milliseconds of work. */
const PAGES = 2000

export interface CopyProgress {
  /** Told how many pages of how many are copied; throws to end the copying. */
  seen(done: number, all: number): void
}

/**
 * Copies one moment of a database into `target`, an empty file or none, while others read and write; then
 * proves the copy: sound, and as many rows in each table as the original had in that moment.
 * @returns the rows of each table
 */
export async function copyDatabase(
  source: SQLite.Database,
  target: string,
  { seen }: CopyProgress,
): Promise<Contents> {
  source.exec('BEGIN')
  try {
    // Reading begins the snapshot; the copying stays in it, so that no write of others makes it start again.
    const contents = contentsOf(source)
    await source.backup(target, {
      progress: ({ totalPages, remainingPages }) => {
        seen(totalPages - remainingPages, totalPages)
        return PAGES
      },
    })
    proveCopy(target, contents)
    return contents
  } finally {
    source.exec('ROLLBACK')
  }
}

function proveCopy(target: string, contents: Contents): void {
  const copy = new SQLite(target)
  try {
    // One file without a log beside it, whatever the original is.
    copy.pragma('journal_mode = DELETE')
    refuseUnsound(copy, 'The copy')
    if (sameContents(contentsOf(copy), contents)) return
  } finally {
    copy.close()
  }
  throw new ZukoError('FAILED', 'The copy has other rows than the original; it was thrown away.', {
    fix: 'check the disk and try again',
  })
}

export function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  fsyncSync(file)
  closeSync(file)
}

/** Writes a proved copy of the store at `path` into `target`, which its owner alone may read. */
export async function backUp(path: string, target: string, progress: CopyProgress): Promise<Contents> {
  const source = await openFile(path)
  try {
    closeSync(openSync(target, 'wx', 0o600))
    const contents = await copyDatabase(source, target, progress)
    syncFile(target)
    return contents
  } finally {
    source.close()
  }
}
