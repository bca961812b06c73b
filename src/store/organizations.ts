import { and, asc, eq, ne, sql } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { member, organization, task } from './schema.js'
import { inSteps } from './connection-steps.js'
import type { Membership, OrganizationStore } from './types.js'

const fields = { id: organization.id, name: organization.name, slug: organization.slug }
const count = (table: typeof member | typeof task) =>
  sql<number>`(SELECT count(*) FROM ${table} AS counted WHERE counted.organization_id = ${organization}.id)`

/** A parent has a lower id than its subtasks, so the newest tasks can always go. */
const REMOVE_TASKS = `
  DELETE FROM task WHERE id IN (SELECT id FROM task WHERE organization_id = ? ORDER BY id DESC LIMIT ?)`

function remover(connection: Connection): OrganizationStore['remove'] {
  const { db, sqlite, write } = connection
  const removeTasks = sqlite.prepare(REMOVE_TASKS)
  return async (id) => {
    const { changes: members } = await write(() =>
      db.delete(member).where(eq(member.organizationId, id)).run(),
    )
    const tasks = await inSteps(connection, (rows) => removeTasks.run(id, rows).changes)
    await write(() => db.delete(organization).where(eq(organization.id, id)).run())
    return { members, tasks }
  }
}

export function organizationStore(connection: Connection): OrganizationStore {
  const { db, read, write } = connection
  const memberships = db
    .select({ ...fields, role: member.role })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
  const listFor = memberships
    .where(eq(member.userId, sql.placeholder('userId')))
    .orderBy(asc(organization.name), asc(organization.id))
    .prepare()
  const find = db
    .select({ ...fields, role: member.role })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .where(
      and(
        eq(member.userId, sql.placeholder('userId')),
        eq(member.organizationId, sql.placeholder('organizationId')),
      ),
    )
    .prepare()
  const bySlug = (slug: string) =>
    db.select(fields).from(organization).where(eq(organization.slug, slug)).get()

  return {
    listFor: (userId) => read(() => listFor.all({ userId }) as Membership[]),
    find: (userId, organizationId) =>
      read(() => find.get({ userId, organizationId }) as Membership | undefined),
    list: () =>
      read(() =>
        db
          .select({ ...fields, members: count(member), tasks: count(task) })
          .from(organization)
          .orderBy(asc(organization.name), asc(organization.id))
          .all(),
      ),
    findBySlug: (slug) => read(() => bySlug(slug)),
    add: ({ name, slug, at }) =>
      write(() => {
        const existing = bySlug(slug)
        if (existing) return { ...existing, added: false }
        const row = { name, slug, createdAt: new Date(at) }
        return { ...db.insert(organization).values(row).returning(fields).get(), added: true }
      }),
    rename: (id, name) =>
      write(() => {
        const differs = and(eq(organization.id, id), ne(organization.name, name))
        return db.update(organization).set({ name }).where(differs).run().changes > 0
      }),
    remove: remover(connection),
  }
}
