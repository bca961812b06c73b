import type { Connection } from './connection.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Rows removed in one transaction, so that the write lock is never held for long. */
const BATCH = 200
/** The client that `admin token` signs for; nobody registers it again. */
export const BUILT_IN_CLIENT_ID = 'zuko-mcp-admin'

/** What goes, and how long after its time. An expired refresh token still betrays its reuse for a while. */
const EXPIRED: [table: string, column: string, grace: number][] = [
  ['idempotency_key', 'expires_at', 0],
  ['oauth_access_token', 'expires_at', 0],
  ['oauth_refresh_token', 'expires_at', 7 * DAY],
  ['session', 'expires_at', 0],
  ['verification', 'expires_at', 0],
  ['oauth_client_assertion', 'expires_at', 0],
  ['rate_limit', 'last_request', DAY],
]

const removeExpired = (table: string, column: string) => `
  DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${column} < ? LIMIT ${BATCH})`

const REMOVE_UNUSED_CLIENTS = `
  DELETE FROM oauth_client WHERE id IN (
    SELECT id FROM oauth_client AS client
    WHERE created_at < ? AND client_id <> '${BUILT_IN_CLIENT_ID}' AND disabled IS NOT 1
      AND NOT EXISTS (SELECT 1 FROM oauth_consent WHERE client_id = client.client_id)
      AND NOT EXISTS (SELECT 1 FROM oauth_refresh_token WHERE client_id = client.client_id)
      AND NOT EXISTS (SELECT 1 FROM oauth_access_token WHERE client_id = client.client_id)
    LIMIT ${BATCH})`

/** Removes what has had its time, in small transactions; answers how many rows. */
export function sweeper({ sqlite, write }: Connection): (now: number) => Promise<number> {
  const removals = EXPIRED.map(([table, column, grace]) => ({ sql: removeExpired(table, column), grace }))
  const statements = [...removals, { sql: REMOVE_UNUSED_CLIENTS, grace: DAY }].map(({ sql, grace }) => ({
    statement: sqlite.prepare(sql),
    grace,
  }))
  return async (now) => {
    let removed = 0
    for (const { statement, grace } of statements) {
      for (let batch = BATCH; batch >= BATCH; removed += batch) {
        batch = await write(() => statement.run(now - grace).changes)
        await new Promise(setImmediate)
      }
    }
    return removed
  }
}
