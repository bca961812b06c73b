import type { Engine } from './engine.js'
import { type Statement, statement, type Work } from './statement.js'
import type { Member, MemberStore, Person, Role } from './types.js'

const IDS = /^[1-9]\d{0,9}$/
const folded = (text: string) => text.normalize('NFC').toLowerCase()

type Pair = { userId: number; organizationId: number }

/** The people among whom a text finds one: all of them, or those with an id or an e-mail. */
interface Circle {
  all: Statement<Person, Pair>
  byId: Statement<Person, Pair & { id: number }>
  byEmail: Statement<Person, Pair & { email: string }>
}

const circle = (from: string): Circle => {
  const people = `SELECT person.id, person.name, person.email FROM ${from}`
  return {
    all: statement(people),
    byId: statement(`${people} AND member.user_id = CAST(@id AS bigint)`),
    byEmail: statement(`${people} AND person.email = @email`),
  }
}

/** Everyone in an organization, asked for by one of its members. */
export const COLLEAGUES = circle(`
  member AS asking
  JOIN member ON member.organization_id = asking.organization_id
  JOIN "user" AS person ON person.id = member.user_id
  WHERE asking.user_id = @userId AND asking.organization_id = @organizationId`)

/** Everyone in an organization, whoever asks. */
export const EVERYONE = circle(`
  member JOIN "user" AS person ON person.id = member.user_id
  WHERE member.organization_id = @organizationId`)

/** Who is meant by a text. */
export function* matchMembers({ all, byId, byEmail }: Circle, pair: Pair, text: string): Work<Person[]> {
  const named = IDS.test(text)
    ? yield* byId.all({ ...pair, id: Number(text) })
    : yield* byEmail.all({ ...pair, email: text.toLowerCase() })
  if (named.length > 0) return named
  const everyone = yield* all.all(pair)
  const wanted = folded(text)
  return everyone.filter(({ name }) => folded(name) === wanted).sort((a, b) => a.id - b.id)
}

const listed = (condition: string) =>
  statement<Member, { organizationSlug: string }>(`
    SELECT person.id, person.name, person.email, organization.id AS "organizationId",
           organization.slug AS "organizationSlug", member.role
    FROM member JOIN "user" AS person ON person.id = member.user_id
    JOIN organization ON organization.id = member.organization_id
    ${condition} ORDER BY organization.slug, person.email`)

const ALL = listed('')
const OF_ONE = listed('WHERE organization.slug = @organizationSlug')

const PAIR = 'WHERE user_id = @userId AND organization_id = @organizationId'
const ROLE = `SELECT role FROM member ${PAIR}`
const HELD_ROLE = statement<{ role: Role }, Pair>({ sqlite: ROLE, postgres: `${ROLE} FOR UPDATE` })
const ADD = statement<unknown, Pair & { role: Role; at: number }>(`
  INSERT INTO member (organization_id, user_id, role, created_at) VALUES (@organizationId, @userId, @role, @at)
  ON CONFLICT DO NOTHING`)
const SET_ROLE = statement<unknown, Pair & { role: Role }>(`UPDATE member SET role = @role ${PAIR}`)
const REMOVE = statement<unknown, Pair>(`DELETE FROM member ${PAIR}`)

export function memberStore({ read, write }: Engine): MemberStore {
  const roleOf = function* (pair: Pair): Work<Role | undefined> {
    return (yield* HELD_ROLE.first(pair))?.role
  }
  return {
    list: (organizationSlug) =>
      read('operator', () =>
        organizationSlug === undefined ? ALL.all({ organizationSlug: '' }) : OF_ONE.all({ organizationSlug }),
      ),
    add: ({ userId, organizationId, role, at }) =>
      write('operator', function* () {
        const added = (yield* ADD.run({ userId, organizationId, role, at })) > 0
        return { added, role: (yield* roleOf({ userId, organizationId })) ?? role }
      }),
    setRole: (userId, organizationId, role) =>
      write('operator', function* () {
        const before = yield* roleOf({ userId, organizationId })
        yield* SET_ROLE.run({ userId, organizationId, role })
        return before
      }),
    remove: (userId, organizationId) =>
      write('operator', function* () {
        return (yield* REMOVE.run({ userId, organizationId })) > 0
      }),
    match: (userId, organizationId, text) =>
      read(userId, () => matchMembers(COLLEAGUES, { userId, organizationId }, text)),
  }
}
