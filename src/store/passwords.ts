import { and, eq } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { account, session } from './schema.js'
import type { PeopleStore } from './types.js'

/** better-auth's name for an account that has a password. */
const PROVIDER = 'credential'

/** Passwords, by their hashes. */
export function passwordStore({
  db,
  read,
  write,
}: Connection): Pick<PeopleStore, 'passwordHash' | 'setPassword'> {
  const find = (userId: number) =>
    db
      .select({ id: account.id, password: account.password })
      .from(account)
      .where(and(eq(account.userId, userId), eq(account.providerId, PROVIDER)))
      .get()

  function set(userId: number, password: string, at: number): void {
    const [existing, updatedAt] = [find(userId), new Date(at)]
    if (existing) db.update(account).set({ password, updatedAt }).where(eq(account.id, existing.id)).run()
    else {
      const row = { userId, providerId: PROVIDER, accountId: String(userId), password }
      db.insert(account)
        .values({ ...row, createdAt: updatedAt, updatedAt })
        .run()
    }
    db.delete(session).where(eq(session.userId, userId)).run()
  }

  return {
    passwordHash: (userId) => read(() => find(userId)?.password ?? undefined),
    setPassword: (userId, hash, at) => write(() => set(userId, hash, at)),
  }
}
