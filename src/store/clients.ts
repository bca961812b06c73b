import { count, eq } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { oauthClient } from './schema.js'
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
  count: () => read(() => db.select({ clients: count() }).from(oauthClient).get()?.clients ?? 0),
})
