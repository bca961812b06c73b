import { ZukoError } from '../errors.js'
import type { Engine } from './engine.js'
import { statement } from './statement.js'

/** What a copy says of itself while it is under way: which tables are done, and how far the one in work is. */
export const LEDGER = statement(
  'CREATE TABLE IF NOT EXISTS zuko_copy (table_name text PRIMARY KEY, place text NOT NULL, copied integer NOT NULL)',
)
export const NO_LEDGER = statement('DROP TABLE zuko_copy')
export const IS_LEDGER = statement<{ found: number }>({
  sqlite: `SELECT count(*) AS found FROM sqlite_schema WHERE name = 'zuko_copy'`,
  postgres: `SELECT count(*) AS found FROM pg_class WHERE oid = to_regclass('zuko_copy')`,
})
export const NOTED = statement<{ tableName: string; place: string; copied: number }>(
  'SELECT table_name AS "tableName", place, copied FROM zuko_copy',
)
export const NOTE = statement<unknown, { table: string; place: string; copied: number }>(`
  INSERT INTO zuko_copy (table_name, place, copied) VALUES (@table, @place, @copied)
  ON CONFLICT (table_name) DO UPDATE SET place = excluded.place, copied = excluded.copied`)

/** @throws ZukoError FAILED for a store that a copy has not finished */
export async function refuseUnfinished(engine: Engine): Promise<void> {
  const underway = await engine.read('operator', () => IS_LEDGER.first({}))
  if (!underway?.found) return
  throw new ZukoError('FAILED', 'The store is the target of a copy that was not finished.', {
    fix: 'run the same "zuko-mcp admin copy" again',
  })
}
