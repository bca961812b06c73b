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

export function memberStore({ sqlite, db, read, write }: Connection): MemberStore {
  const colleagues = sqlite.prepare(`${COLLEAGUES} ORDER BY person.id`)
  const byId = sqlite.prepare(`${COLLEAGUES} AND member.user_id = @id`)
  const byEmail = sqlite.prepare(`${COLLEAGUES} AND person.email = @email`)

  function match(userId: number, organizationId: number, text: string): Person[] {
    const scope = { userId, organizationId }
    const named = IDS.test(text)
      ? byId.all({ ...scope, id: Number(text) })
      : byEmail.all({ ...scope, email: text.toLowerCase() })
    if (named.length > 0) return named as Person[]
    const everyone = colleagues.all(scope) as Person[]
    return everyone.filter((person) => folded(person.name) === folded(text))
  }

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
        const pair = and(eq(member.userId, userId), eq(member.organizationId, organizationId))
        const existing = db.select({ role: member.role }).from(member).where(pair).get()
        if (existing) return { added: false, role: existing.role as Role }
        db.insert(member)
          .values({ userId, organizationId, role, createdAt: new Date(at) })
          .run()
        return { added: true, role }
      }),
    match: (userId, organizationId, text) => read(() => match(userId, organizationId, text)),
  }
}
