import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm'
import { ZukoError } from '../errors.js'
import type { Connection } from './connection.js'
import { passwordStore } from './passwords.js'
import { personRemover } from './person-removal.js'
import { account, oauthAccessToken, oauthRefreshToken, session, user } from './schema.js'
import type { Account, PeopleStore } from './types.js'

const asAccount = (row: typeof user.$inferSelect): Account => ({
  id: row.id,
  name: row.name,
  email: row.email,
  disabledAt: row.disabledAt?.getTime() ?? null,
  createdAt: row.createdAt.getTime(),
})

export function peopleStore(connection: Connection): PeopleStore {
  const { db, read, write } = connection
  const byEmail = (email: string) => db.select().from(user).where(eq(user.email, email.toLowerCase())).get()

  function setDisabled(userId: number, at: number | null): boolean {
    const differs = at === null ? isNotNull(user.disabledAt) : isNull(user.disabledAt)
    const disabledAt = at === null ? null : new Date(at)
    const { changes } = db
      .update(user)
      .set({ disabledAt })
      .where(and(eq(user.id, userId), differs))
      .run()
    if (at !== null) {
      for (const table of [oauthAccessToken, oauthRefreshToken, session]) {
        db.delete(table).where(eq(table.userId, userId)).run()
      }
    }
    return changes > 0
  }

  function link(userId: number, issuer: string, subject: string, at: number): { added: boolean } {
    const subjectIs = and(eq(account.providerId, issuer), eq(account.accountId, subject))
    const existing = db.select().from(account).where(subjectIs).get()
    if (existing && existing.userId !== userId) {
      throw new ZukoError('FAILED', `The subject "${subject}" of ${issuer} is tied to another person.`)
    }
    if (existing) return { added: false }
    const time = { createdAt: new Date(at), updatedAt: new Date(at) }
    db.insert(account)
      .values({ userId, providerId: issuer, accountId: subject, ...time })
      .run()
    return { added: true }
  }

  return {
    list: () => read(() => db.select().from(user).orderBy(asc(user.email)).all().map(asAccount)),
    findByEmail: (email) =>
      read(() => {
        const row = byEmail(email)
        return row && asAccount(row)
      }),
    add: ({ name, email, at }) =>
      write(() => {
        const existing = byEmail(email)
        if (existing) return { ...asAccount(existing), added: false }
        const time = { createdAt: new Date(at), updatedAt: new Date(at) }
        const row = db
          .insert(user)
          .values({ name, email: email.toLowerCase(), ...time })
          .returning()
          .get()
        return { ...asAccount(row), added: true }
      }),
    setDisabled: (userId, at) => write(() => setDisabled(userId, at)),
    link: ({ userId, issuer, subject, at }) => write(() => link(userId, issuer, subject, at)),
    ...passwordStore(connection),
    remove: personRemover(connection),
  }
}
