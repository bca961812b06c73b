import { ZukoError } from '../errors.js'
import type { Engine } from './engine.js'
import { passwordStore } from './passwords.js'
import { personRemover } from './person-removal.js'
import { statement, type Work } from './statement.js'
import type { Account, PeopleStore } from './types.js'

const COLUMNS = 'id, name, email, disabled_at AS "disabledAt", created_at AS "createdAt"'

const all = statement<Account>(`SELECT ${COLUMNS} FROM "user" ORDER BY email`)
const byEmail = statement<Account, { email: string }>(`SELECT ${COLUMNS} FROM "user" WHERE email = @email`)
const insert = statement<Account, { name: string; email: string; at: number }>(`
  INSERT INTO "user" (name, email, created_at, updated_at) VALUES (@name, @email, @at, @at) RETURNING ${COLUMNS}`)

const disable = statement<unknown, { userId: number; at: number }>(
  'UPDATE "user" SET disabled_at = @at WHERE id = @userId AND disabled_at IS NULL',
)
const enable = statement<unknown, { userId: number }>(
  'UPDATE "user" SET disabled_at = NULL WHERE id = @userId AND disabled_at IS NOT NULL',
)
const endings = ['oauth_access_token', 'oauth_refresh_token', 'session'].map((table) =>
  statement<unknown, { userId: number }>(`DELETE FROM ${table} WHERE user_id = @userId`),
)

const linked = statement<{ userId: number }, { issuer: string; subject: string }>(`
  SELECT user_id AS "userId" FROM account WHERE provider_id = @issuer AND account_id = @subject`)
const insertLink = statement<unknown, { userId: number; issuer: string; subject: string; at: number }>(`
  INSERT INTO account (user_id, provider_id, account_id, created_at, updated_at)
  VALUES (@userId, @issuer, @subject, @at, @at)`)

function* add(person: { name: string; email: string; at: number }): Work<Account & { added: boolean }> {
  const email = person.email.toLowerCase()
  const existing = yield* byEmail.first({ email })
  if (existing) return { ...existing, added: false }
  const [added] = yield* insert.all({ ...person, email })
  return { ...(added as Account), added: true }
}

function* setDisabled(userId: number, at: number | null): Work<boolean> {
  if (at === null) return (yield* enable.run({ userId })) > 0
  const changes = yield* disable.run({ userId, at })
  for (const ending of endings) yield* ending.run({ userId })
  return changes > 0
}

type Link = Parameters<PeopleStore['link']>[0]

function* link(given: Link): Work<{ added: boolean }> {
  const { userId, issuer, subject, at } = given
  const existing = yield* linked.first({ issuer, subject })
  if (existing && existing.userId !== userId) {
    throw new ZukoError('FAILED', `The subject "${subject}" of ${issuer} is tied to another person.`)
  }
  if (!existing) yield* insertLink.run({ userId, issuer, subject, at })
  return { added: !existing }
}

export const peopleStore = (engine: Engine): PeopleStore => ({
  list: () => engine.read('operator', () => all.all({})),
  findByEmail: (email) => engine.read('operator', () => byEmail.first({ email: email.toLowerCase() })),
  add: (person) => engine.write('operator', () => add(person)),
  setDisabled: (userId, at) => engine.write('operator', () => setDisabled(userId, at)),
  link: (given) => engine.write('operator', () => link(given)),
  ...passwordStore(engine),
  remove: personRemover(engine),
})
