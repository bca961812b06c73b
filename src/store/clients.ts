import type { Engine } from './engine.js'
import { GRANT_TABLES } from './grants.js'
import { statement, type Work } from './statement.js'
import type { ClientStore, ListedClient, OAuthClient } from './types.js'

/** Redirect URIs are kept as JSON. */
type Stored<Client extends OAuthClient> = Omit<Client, 'redirectUris'> & { redirectUris: string }

const COLUMNS = 'client_id AS "clientId", name, uri, redirect_uris AS "redirectUris"'

const byId = statement<Stored<OAuthClient>, { clientId: string }>(
  `SELECT ${COLUMNS} FROM oauth_client WHERE client_id = @clientId`,
)
const unused = statement<{ clients: number }, { since: number }>(`
  SELECT count(*) AS clients FROM oauth_client AS client
  WHERE client.created_at >= @since
    AND NOT EXISTS (SELECT 1 FROM oauth_consent WHERE oauth_consent.client_id = client.client_id)`)
const all = statement<Omit<Stored<ListedClient>, 'disabled'> & { disabled: number }>(`
  SELECT ${COLUMNS}, created_at AS "createdAt", CASE WHEN disabled THEN 1 ELSE 0 END AS disabled,
         (SELECT count(*) FROM oauth_consent WHERE oauth_consent.client_id = client.client_id) AS grants
  FROM oauth_client AS client
  ORDER BY COALESCE(created_at, 0) DESC, id DESC`)

const disable = statement<unknown, { clientId: string }>(
  'UPDATE oauth_client SET disabled = TRUE WHERE client_id = @clientId AND disabled IS NOT TRUE',
)
const endings = GRANT_TABLES.map((table) =>
  statement<unknown, { clientId: string }>(`DELETE FROM ${table} WHERE client_id = @clientId`),
)

const shown = <Client extends OAuthClient>(row: Stored<Client>) => ({
  ...row,
  redirectUris: JSON.parse(row.redirectUris) as string[],
})

function* find(clientId: string): Work<OAuthClient | undefined> {
  const row = yield* byId.first({ clientId })
  return row && shown<OAuthClient>(row)
}

function* list(): Work<ListedClient[]> {
  const rows = yield* all.all({})
  return rows.map((row) => shown<ListedClient>({ ...row, disabled: row.disabled === 1 }))
}

function* revoke(clientId: string): Work<{ grants: number } | undefined> {
  const changes = yield* disable.run({ clientId })
  const ended: number[] = []
  for (const ending of endings) ended.push(yield* ending.run({ clientId }))
  const [grants = 0] = ended
  return changes + grants > 0 ? { grants } : undefined
}

export const clientStore = (engine: Engine): ClientStore => ({
  find: (clientId) => engine.read('operator', () => find(clientId)),
  countUnused: async (since) => (await engine.read('operator', () => unused.first({ since })))?.clients ?? 0,
  list: () => engine.read('operator', list),
  revoke: (clientId) => engine.write('operator', () => revoke(clientId)),
})
