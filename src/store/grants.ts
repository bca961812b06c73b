import { and, eq } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { oauthAccessToken, oauthClient, oauthConsent, oauthRefreshToken } from './schema.js'
import type { Grant, GrantStore } from './types.js'

export function grantStore({ db, write }: Connection): GrantStore {
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

  return {
    ensure: (grant) => write(() => ensure(grant)),
    revoke: (userId, clientId) => write(() => revoke(userId, clientId)),
  }
}
