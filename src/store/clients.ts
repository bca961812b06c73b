import { count, eq, notExists } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { oauthClient, oauthConsent } from './schema.js'
import type { ClientStore } from './types.js'

const { clientId, name, uri, redirectUris } = oauthClient

export const clientStore = ({ db, read }: Connection): ClientStore => ({
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
