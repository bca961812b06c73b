import SQLite from 'better-sqlite3'
import { ZukoError } from '../../errors.js'

/** How long a statement waits for another process while a file is opened; it blocks the event loop. */
export const BUSY_TIMEOUT_MS = 250

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

/** Whether it is the database that cannot, whatever it was asked. */
export const isUnavailable = (error: unknown): boolean => asUnavailable(error) !== error
