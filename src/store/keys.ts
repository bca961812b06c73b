import { desc } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { jwks } from './schema.js'
import type { KeyStore } from './types.js'

export const keyStore = ({ db, read, write }: Connection): KeyStore => ({
  list: () => read(() => db.select().from(jwks).orderBy(desc(jwks.createdAt), desc(jwks.id)).all()),
  add: (key) =>
    write(() => {
      db.insert(jwks).values(key).run()
    }),
})
