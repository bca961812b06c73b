import { copyTables } from '../../src/store/copy-tables.js'

type Query = (sql: string) => Promise<Record<string, unknown>[]>

const THERE = `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'zuko_migrations'`

/** Statements that bring a Postgres database back to what it holds now, or with `empty` to holding nothing. */
export async function putBack(query: Query, { empty }: { empty: boolean }): Promise<string> {
  const there = new Set((await query(THERE)).map(({ name }) => String(name)))
  const store = copyTables().filter(({ name }) => there.delete(name))
  const removals = [...there, ...store.map(({ name }) => name).reverse()].map(
    (name) => `DELETE FROM "${name}"`,
  )
  const additions: string[] = []
  for (const { name } of empty ? [] : store) {
    const [row] = await query(`SELECT json_agg(kept) AS rows FROM "${name}" AS kept`)
    if (!row?.rows) continue
    const rows = `json_populate_recordset(NULL::"${name}", $rows$${JSON.stringify(row.rows)}$rows$)`
    additions.push(`INSERT INTO "${name}" SELECT * FROM ${rows}`)
  }
  const counters = store
    .filter(({ counted }) => counted)
    .map(({ name }) => {
      const next = `coalesce((SELECT max(id) FROM "${name}"), 0) + 1`
      return `PERFORM setval(pg_get_serial_sequence('"${name}"', 'id'), ${next}, false)`
    })
  return `DO $all$ BEGIN ${[...removals, ...additions, ...counters, 'NULL'].join('; ')}; END $all$`
}
