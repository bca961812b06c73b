import { and, asc, eq } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { oauthAccessToken, oauthClient, oauthConsent, oauthRefreshToken, user } from './schema.js'
import type { Grant, GrantStore, ListedGrant } from './types.js'

export function grantStore({ db, read, write }: Connection): GrantStore {
  function ensure({ userId, clientId, clientName, scopes, at }: Grant): void {
    const time = { createdAt: new Date(at), updatedAt: new Date(at) }
    db.insert(oauthClient)
      .values({ clientId, name: clientName, redirectUris: '[]', disabled: true, ...time })
      .onConflictDoNothing()
      .run()
    const granted = JSON.stringify(scopes)
    db.insert(oauthConsent)
      .values({ userId, clientId, scopes: granted, ...time })
      .onConflictDoUpdate({
        target: [oauthConsent.userId, oauthConsent.clientId],
        set: { scopes: granted, updatedAt: time.updatedAt },
      })
      .run()
  }

  function revoke(userId: number, clientId: string): boolean {
    const [consents] = [oauthConsent, oauthAccessToken, oauthRefreshToken].map((table) =>
      db
        .delete(table)
        .where(and(eq(table.userId, userId), eq(table.clientId, clientId)))
        .run(),
    )
    return (consents?.changes ?? 0) > 0
  }

  const list = (): ListedGrant[] =>
    db
      .select({
        userId: user.id,
        email: user.email,
        clientId: oauthConsent.clientId,
        clientName: oauthClient.name,
        scopes: oauthConsent.scopes,
        createdAt: oauthConsent.createdAt,
        updatedAt: oauthConsent.updatedAt,
      })
      .from(oauthConsent)
      .innerJoin(user, eq(user.id, oauthConsent.userId))
      .innerJoin(oauthClient, eq(oauthClient.clientId, oauthConsent.clientId))
      .orderBy(asc(user.email), asc(oauthConsent.clientId))
      .all()
      .map((row) => ({
        ...row,
        scopes: JSON.parse(row.scopes) as string[],
        createdAt: row.createdAt.getTime(),
        updatedAt: row.updatedAt.getTime(),
      }))

  return {
    list: () => read(list),
    ensure: (grant) => write(() => ensure(grant)),
    revoke: (userId, clientId) => write(() => revoke(userId, clientId)),
  }
}
