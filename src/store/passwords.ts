import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import type { PeopleStore } from './types.js'

/** better-auth's name for an account that has a password. */
const PROVIDER = 'credential'

const find = statement<{ id: number; password: string | null }, { userId: number }>(
  `SELECT id, password FROM account WHERE user_id = @userId AND provider_id = '${PROVIDER}'`,
)
const replace = statement<unknown, { id: number; hash: string; at: number }>(
  'UPDATE account SET password = @hash, updated_at = @at WHERE id = @id',
)
const insert = statement<unknown, { userId: number; accountId: string; hash: string; at: number }>(`
  INSERT INTO account (user_id, provider_id, account_id, password, created_at, updated_at)
  VALUES (@userId, '${PROVIDER}', @accountId, @hash, @at, @at)`)
const endSessions = statement<unknown, { userId: number }>('DELETE FROM session WHERE user_id = @userId')

function* set(userId: number, hash: string, at: number): Work<void> {
  const existing = yield* find.first({ userId })
  if (existing) yield* replace.run({ id: existing.id, hash, at })
  else yield* insert.run({ userId, accountId: String(userId), hash, at })
  yield* endSessions.run({ userId })
}

/** Passwords, by their hashes. */
export const passwordStore = (engine: Engine): Pick<PeopleStore, 'passwordHash' | 'setPassword'> => ({
  passwordHash: async (userId) =>
    (await engine.read('operator', () => find.first({ userId })))?.password ?? undefined,
  setPassword: (userId, hash, at) => engine.write('operator', () => set(userId, hash, at)),
})
