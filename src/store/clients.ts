import { and, count, desc, eq, isNull, notExists, or, sql } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { oauthAccessToken, oauthClient, oauthConsent, oauthRefreshToken } from './schema.js'
import type { ClientStore } from './types.js'

const { clientId, name, uri, redirectUris, createdAt, disabled } = oauthClient

const grants = sql<number>`(
  SELECT count(*) FROM ${oauthConsent} AS granted WHERE granted.client_id = ${oauthClient}.client_id)`

function revoke({ db }: Connection, id: string): { grants: number } | undefined {
  const { changes } = db
    .update(oauthClient)
    .set({ disabled: true })
    .where(and(eq(clientId, id), or(isNull(oauthClient.disabled), eq(oauthClient.disabled, false))))
    .run()
  const [consents] = [oauthConsent, oauthAccessToken, oauthRefreshToken].map((table) =>
    db.delete(table).where(eq(table.clientId, id)).run(),
  )
  const ended = consents?.changes ?? 0
  return changes + ended > 0 ? { grants: ended } : undefined
}

export const clientStore = (connection: Connection): ClientStore => ({
  ...lookups(connection),
  list: () =>
    connection.read(() =>
      connection.db
        .select({ clientId, name, uri, redirectUris, createdAt, disabled, grants })
        .from(oauthClient)
        .orderBy(desc(createdAt), desc(oauthClient.id))
        .all()
        .map((row) => ({
          ...row,
          redirectUris: JSON.parse(row.redirectUris) as string[],
          createdAt: row.createdAt?.getTime() ?? null,
          disabled: row.disabled === true,
        })),
    ),
  revoke: (id) => connection.write(() => revoke(connection, id)),
})

const lookups = ({ db, read }: Connection): Pick<ClientStore, 'find' | 'countUnused'> => ({
  find: (id) =>
    read(() => {
      const row = db
        .select({ clientId, name, uri, redirectUris })
        .from(oauthClient)
        .where(eq(clientId, id))
        .get()
      return row && { ...row, redirectUris: JSON.parse(row.redirectUris) as string[] }
    }),
  countUnused: () =>
    read(() => {
      const consents = db.select().from(oauthConsent).where(eq(oauthConsent.clientId, clientId))
      return db.select({ clients: count() }).from(oauthClient).where(notExists(consents)).get()?.clients ?? 0
    }),
})
