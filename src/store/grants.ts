import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import type { Grant, GrantStore, ListedGrant } from './types.js'

/** Every row that lets a client act in a person's name; the consent comes first. */
export const GRANT_TABLES = ['oauth_consent', 'oauth_access_token', 'oauth_refresh_token']

const insertClient = statement<unknown, { clientId: string; clientName: string; at: number }>(`
  INSERT INTO oauth_client (client_id, name, redirect_uris, disabled, created_at, updated_at)
  VALUES (@clientId, @clientName, '[]', TRUE, @at, @at)
  ON CONFLICT (client_id) DO NOTHING`)

const grant = statement<unknown, { userId: number; clientId: string; granted: string; at: number }>(`
  INSERT INTO oauth_consent (user_id, client_id, scopes, created_at, updated_at)
  VALUES (@userId, @clientId, @granted, @at, @at)
  ON CONFLICT (user_id, client_id) DO UPDATE SET scopes = excluded.scopes, updated_at = excluded.updated_at`)

const revocations = GRANT_TABLES.map((table) =>
  statement<unknown, { userId: number; clientId: string }>(
    `DELETE FROM ${table} WHERE user_id = @userId AND client_id = @clientId`,
  ),
)

const all = statement<Omit<ListedGrant, 'scopes'> & { scopes: string }>(`
  SELECT person.id AS "userId", person.email, consent.client_id AS "clientId", client.name AS "clientName",
         consent.scopes, consent.created_at AS "createdAt", consent.updated_at AS "updatedAt"
  FROM oauth_consent AS consent
  JOIN "user" AS person ON person.id = consent.user_id
  JOIN oauth_client AS client ON client.client_id = consent.client_id
  ORDER BY person.email, consent.client_id`)

function* ensure({ userId, clientId, clientName, scopes, at }: Grant): Work<void> {
  yield* insertClient.run({ clientId, clientName, at })
  yield* grant.run({ userId, clientId, granted: JSON.stringify(scopes), at })
}

function* revoke(userId: number, clientId: string): Work<boolean> {
  const ended: number[] = []
  for (const revocation of revocations) ended.push(yield* revocation.run({ userId, clientId }))
  return (ended[0] ?? 0) > 0
}

function* list(): Work<ListedGrant[]> {
  const rows = yield* all.all({})
  return rows.map((row) => ({ ...row, scopes: JSON.parse(row.scopes) as string[] }))
}

export const grantStore = (engine: Engine): GrantStore => ({
  list: () => engine.read('operator', list),
  ensure: (one) => engine.write('operator', () => ensure(one)),
  revoke: (userId, clientId) => engine.write('operator', () => revoke(userId, clientId)),
})
