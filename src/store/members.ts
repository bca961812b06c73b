import { and, asc, eq, sql } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { member, organization, user } from './schema.js'
import type { Member, MemberStore, Person, Role } from './types.js'

const IDS = /^[1-9]\d{0,9}$/
const folded = (text: string) => text.normalize('NFC').toLowerCase()

/** Everyone in an organization, asked for by one of its members. */
const COLLEAGUES = `
  SELECT person.id, person.name, person.email
  FROM member AS asking
  JOIN member ON member.organization_id = asking.organization_id
  JOIN user AS person ON person.id = member.user_id
  WHERE asking.user_id = @userId AND asking.organization_id = @organizationId`

/** Everyone in an organization, whoever asks. */
export const EVERYONE = `
  SELECT person.id, person.name, person.email
  FROM member JOIN user AS person ON person.id = member.user_id
  WHERE member.organization_id = @organizationId`

/** Finds who is meant by a text among the people that `sql` selects. */
export function memberMatcher({ sqlite }: Connection, sql = COLLEAGUES) {
  const colleagues = sqlite.prepare(`${sql} ORDER BY person.id`)
  const byId = sqlite.prepare(`${sql} AND member.user_id = @id`)
  const byEmail = sqlite.prepare(`${sql} AND person.email = @email`)

  return (userId: number, organizationId: number, text: string): Person[] => {
    const scope = { userId, organizationId }
    const named = IDS.test(text)
      ? byId.all({ ...scope, id: Number(text) })
      : byEmail.all({ ...scope, email: text.toLowerCase() })
    if (named.length > 0) return named as Person[]
    const everyone = colleagues.all(scope) as Person[]
    return everyone.filter((person) => folded(person.name) === folded(text))
  }
}

export function memberStore(connection: Connection): MemberStore {
  const { db, read, write } = connection
  const match = memberMatcher(connection)
  const pair = (userId: number, organizationId: number) =>
    and(eq(member.userId, userId), eq(member.organizationId, organizationId))
  const roleOf = (userId: number, organizationId: number) =>
    db.select({ role: member.role }).from(member).where(pair(userId, organizationId)).get()?.role as
      | Role
      | undefined

  return {
    list: (organizationSlug) =>
      read(
        () =>
          db
            .select({
              id: user.id,
              name: user.name,
              email: user.email,
              organizationId: organization.id,
              organizationSlug: organization.slug,
              role: member.role,
            })
            .from(member)
            .innerJoin(user, eq(user.id, member.userId))
            .innerJoin(organization, eq(organization.id, member.organizationId))
            .where(organizationSlug === undefined ? sql`true` : eq(organization.slug, organizationSlug))
            .orderBy(asc(organization.slug), asc(user.email))
            .all() as Member[],
      ),
    add: ({ userId, organizationId, role, at }) =>
      write(() => {
        const existing = roleOf(userId, organizationId)
        if (existing) return { added: false, role: existing }
        db.insert(member)
          .values({ userId, organizationId, role, createdAt: new Date(at) })
          .run()
        return { added: true, role }
      }),
    setRole: (userId, organizationId, role) =>
      write(() => {
        const before = roleOf(userId, organizationId)
        db.update(member).set({ role }).where(pair(userId, organizationId)).run()
        return before
      }),
    remove: (userId, organizationId) =>
      write(() => db.delete(member).where(pair(userId, organizationId)).run().changes > 0),
    match: (userId, organizationId, text) => read(() => match(userId, organizationId, text)),
  }
}
