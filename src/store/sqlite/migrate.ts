import { fileURLToPath } from 'node:url'
import type SQLite from 'better-sqlite3'
import { type MigrationMeta, readMigrationFiles } from 'drizzle-orm/migrator'
import { ZukoError } from '../../errors.js'
import { partChains } from './chains.js'

/** The package's own drizzle/ folder: two levels up, from src/store and from dist/store alike. */
const MIGRATIONS = fileURLToPath(new URL('../../../drizzle', import.meta.url))

/** What follows the SQL of a migration, by its place in the folder. */
const THEN: Record<number, (sqlite: SQLite.Database) => void> = { 1: partChains }

/** drizzle's own ledger, so that its tools find the store as they expect it. */
const LEDGER = `CREATE TABLE IF NOT EXISTS "__drizzle_migrations"
  (id INTEGER PRIMARY KEY AUTOINCREMENT, hash TEXT NOT NULL, created_at NUMERIC)`

function applied(sqlite: SQLite.Database): number[] {
  const ledger = sqlite.prepare(`SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'`).get()
  if (!ledger) return []
  return sqlite.prepare('SELECT created_at FROM "__drizzle_migrations" ORDER BY id').pluck().all() as number[]
}

/** What is still to apply, in order. Refuses a history that is not the beginning of ours. */
function pending(sqlite: SQLite.Database, known: MigrationMeta[]): MigrationMeta[] {
  const done = applied(sqlite)
  if (done.some((when, index) => known[index]?.folderMillis !== when)) {
    throw new ZukoError('FAILED', `The store ${sqlite.name} has a schema that this zuko-mcp does not know.`, {
      fix: 'run the version that wrote it or a newer one, or put a backup made with this version in its place',
    })
  }
  return known.slice(done.length)
}

/** @throws ZukoError FAILED on a schema that this program does not know */
export const refuseUnknownSchema = (sqlite: SQLite.Database): void =>
  void pending(sqlite, readMigrationFiles({ migrationsFolder: MIGRATIONS }))

/** Whether a database is one of ours, of this version or an earlier one. */
export const isStore = (sqlite: SQLite.Database): boolean => {
  const known = readMigrationFiles({ migrationsFolder: MIGRATIONS })
  const done = applied(sqlite)
  return done.length > 0 && done.every((when, index) => known[index]?.folderMillis === when)
}

/**
 * Brings the schema up to date in one exclusive transaction, so that of two processes that start at once the
 * second finds the work done. A store that is up to date is only read.
 * @throws ZukoError FAILED on a schema that this program does not know
 */
export function migrate(sqlite: SQLite.Database, folder = MIGRATIONS): void {
  const known = readMigrationFiles({ migrationsFolder: folder })
  if (pending(sqlite, known).length === 0) return
  const apply = sqlite.transaction(() => {
    sqlite.exec(LEDGER)
    const note = sqlite.prepare('INSERT INTO "__drizzle_migrations" (hash, created_at) VALUES (?, ?)')
    for (const migration of pending(sqlite, known)) {
      for (const statement of migration.sql) sqlite.exec(statement)
      THEN[known.indexOf(migration)]?.(sqlite)
      note.run(migration.hash, migration.folderMillis)
    }
  })
  apply.exclusive()
}
