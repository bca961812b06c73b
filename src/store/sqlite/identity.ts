import { randomInt } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import type SQLite from 'better-sqlite3'

/** Where the application id lies in a file: sqlite.org/fileformat2.html section 1.3. */
const OFFSET = 68

const numberOf = (sqlite: SQLite.Database): number =>
  sqlite.pragma('application_id', { simple: true }) as number

/**
 * Gives a store a number of its own, in its first page, and at once in the file itself: the log of another
 * store would be read as this one's, and what it says is another store.
 */
export function nameStore(sqlite: SQLite.Database): void {
  if (sqlite.memory || numberOf(sqlite) !== 0) return
  const name = sqlite.transaction(() => {
    if (numberOf(sqlite) === 0) sqlite.pragma(`application_id = ${randomInt(1, 2 ** 31)}`)
  })
  name.immediate()
  sqlite.pragma('wal_checkpoint(PASSIVE)')
}

/** Whether what is read through the log has the number that stands in the file. */
export function ownsItsLog(sqlite: SQLite.Database): boolean {
  const inFile = Buffer.alloc(4)
  const file = openSync(sqlite.name, 'r')
  readSync(file, inFile, 0, inFile.length, OFFSET)
  closeSync(file)
  const number = inFile.readInt32BE()
  return number === 0 || number === numberOf(sqlite)
}
