import { and, desc, gt, isNull, ne, or } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { jwks } from './schema.js'
import type { KeyStore } from './types.js'

export const keyStore = ({ db, read, write }: Connection): KeyStore => ({
  list: () => read(() => db.select().from(jwks).orderBy(desc(jwks.createdAt), desc(jwks.id)).all()),
  add: (key) =>
    write(() => {
      db.insert(jwks).values(key).run()
    }),
  rotate: (key, now) =>
    write(() => {
      if (
        db
          .select()
          .from(jwks)
          .where(gt(jwks.createdAt, new Date(now)))
          .get()
      )
        return false
      db.insert(jwks).values(key).run()
      const lastsLonger = or(isNull(jwks.expiresAt), gt(jwks.expiresAt, key.createdAt))
      db.update(jwks)
        .set({ expiresAt: key.createdAt })
        .where(and(ne(jwks.id, key.id), lastsLonger))
        .run()
      return true
    }),
})
