import type { Engine } from './engine.js'
import { statement } from './statement.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Rows removed in one transaction, so that the write lock is never held for long. */
const BATCH = 200
/** The client that `admin token` signs for; nobody registers it again. */
export const BUILT_IN_CLIENT_ID = 'zuko-mcp-admin'

/** What goes, and how long after its time. An expired refresh token still betrays its reuse for a while. */
const EXPIRED: [table: string, key: string, grace: number][] = [
  ['idempotency_key', 'user_id, key', 0],
  ['oauth_access_token', 'id', 0],
  ['oauth_refresh_token', 'id', 7 * DAY],
  ['session', 'id', 0],
  ['verification', 'id', 0],
  ['oauth_client_assertion', 'id', 0],
]

/** A batch of the rows that `candidates` selects by key; nodes that sweep at the same time take different ones. */
function removal(table: string, key: string, candidates: string) {
  const text = (locking: string) =>
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${candidates} LIMIT ${BATCH} ${locking})`
  return statement<unknown, { before: number }>({
    sqlite: text(''),
    postgres: text('FOR UPDATE SKIP LOCKED'),
  })
}

const REMOVALS = [
  ...EXPIRED.map(([table, key, grace]) => ({
    remove: removal(table, key, `${table} WHERE expires_at < @before`),
    grace,
  })),
  {
    remove: removal(
      'oauth_client',
      'id',
      `oauth_client AS client
      WHERE created_at < @before AND client_id <> '${BUILT_IN_CLIENT_ID}' AND disabled IS NOT TRUE
        AND NOT EXISTS (SELECT 1 FROM oauth_consent WHERE client_id = client.client_id)
        AND NOT EXISTS (SELECT 1 FROM oauth_refresh_token WHERE client_id = client.client_id)
        AND NOT EXISTS (SELECT 1 FROM oauth_access_token WHERE client_id = client.client_id)`,
    ),
    grace: DAY,
  },
]

/** An allowance that nobody took of for an hour is whole, as one that is not there. */
const UNUSED_ALLOWANCES = {
  remove: statement<unknown, { before: number }>(`
    DELETE FROM allowance WHERE (bucket, key) IN (
      SELECT bucket, key FROM allowance WHERE full_at < CAST(@before AS double precision)
      LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`),
  grace: HOUR,
}

/** Removes what has had its time, in small transactions; answers how many rows. */
export const sweeper =
  (engine: Engine) =>
  async (now: number): Promise<number> => {
    const removals = engine.dialect === 'postgres' ? [...REMOVALS, UNUSED_ALLOWANCES] : REMOVALS
    let removed = 0
    for (const { remove, grace } of removals) {
      for (let batch = BATCH; batch >= BATCH; removed += batch) {
        batch = await engine.write('operator', () => remove.run({ before: now - grace }))
        await new Promise(setImmediate)
      }
    }
    return removed
  }
