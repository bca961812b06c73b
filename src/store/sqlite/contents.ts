/** What a database holds, to compare a copy with what it was made from. */
import { createHash } from 'node:crypto'
import type SQLite from 'better-sqlite3'
import { ZukoError } from '../../errors.js'

/** Rows of each table. */
export type Contents = Record<string, number>

const TABLES = `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`

const tables = (sqlite: SQLite.Database): string[] =>
  (sqlite.prepare(TABLES).pluck().all() as string[]).map((name) => name.replaceAll('"', '""'))

export const contentsOf = (sqlite: SQLite.Database): Contents =>
  Object.fromEntries(
    tables(sqlite).map((name) => [
      name,
      Number(sqlite.prepare(`SELECT count(*) FROM "${name}"`).pluck().get()),
    ]),
  )

export const sameContents = (one: Contents, other: Contents): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

/** The same for databases that hold the same rows. */
export function fingerprint(sqlite: SQLite.Database): string {
  const hash = createHash('sha256')
  for (const name of tables(sqlite)) {
    const rows = sqlite.prepare(`SELECT * FROM "${name}" ORDER BY rowid`).raw().iterate()
    hash.update(`${name}\n`)
    for (const row of rows) hash.update(`${JSON.stringify(row)}\n`)
  }
  return hash.digest('hex')
}

/**
 * Reads every page, index and reference of a database.
 * @throws ZukoError FAILED when something is not as SQLite wrote it
 */
export function refuseUnsound(sqlite: SQLite.Database, name: string): void {
  const verdict = sqlite.pragma('integrity_check(1)', { simple: true })
  const loose = sqlite.pragma('foreign_key_check') as unknown[]
  if (verdict === 'ok' && loose.length === 0) return
  throw new ZukoError('FAILED', `${name} is damaged; nothing was changed.`, {
    fix: 'use another backup',
    cause: new Error(verdict === 'ok' ? `${loose.length} references lead nowhere` : String(verdict)),
  })
}
