import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import { inSteps } from './steps.js'
import type { Membership, Organization, OrganizationStore } from './types.js'

const MEMBERSHIPS = `
  SELECT organization.id, organization.name, organization.slug, member.role
  FROM member JOIN organization ON organization.id = member.organization_id
  WHERE member.user_id = @userId`

const ofPerson = statement<Membership, { userId: number }>(
  `${MEMBERSHIPS} ORDER BY organization.name, organization.id`,
)
const oneOfPerson = statement<Membership, { userId: number; organizationId: number }>(
  `${MEMBERSHIPS} AND member.organization_id = @organizationId`,
)

const all = statement<Organization & { members: number; tasks: number }>(`
  SELECT id, name, slug,
         (SELECT count(*) FROM member WHERE member.organization_id = organization.id) AS members,
         (SELECT count(*) FROM task WHERE task.organization_id = organization.id) AS tasks
  FROM organization ORDER BY name, id`)
const bySlug = statement<Organization, { slug: string }>(
  'SELECT id, name, slug FROM organization WHERE slug = @slug',
)
const insert = statement<Organization, { name: string; slug: string; at: number }>(`
  INSERT INTO organization (name, slug, created_at) VALUES (@name, @slug, @at) RETURNING id, name, slug`)
const rename = statement<unknown, { id: number; name: string }>(
  'UPDATE organization SET name = @name WHERE id = @id AND name <> @name',
)

const removeMembers = statement<unknown, { id: number }>('DELETE FROM member WHERE organization_id = @id')
/** A parent has a lower id than its subtasks, so the newest tasks can always go. */
const removeTasks = statement<unknown, { id: number; rows: number }>(`
  DELETE FROM task WHERE id IN (SELECT id FROM task WHERE organization_id = @id ORDER BY id DESC LIMIT @rows)`)
const remove = statement<unknown, { id: number }>('DELETE FROM organization WHERE id = @id')

function* add(given: { name: string; slug: string; at: number }): Work<Organization & { added: boolean }> {
  const existing = yield* bySlug.first({ slug: given.slug })
  if (existing) return { ...existing, added: false }
  const [added] = yield* insert.all(given)
  return { ...(added as Organization), added: true }
}

export const organizationStore = (engine: Engine): OrganizationStore => ({
  listFor: (userId) => engine.read(userId, () => ofPerson.all({ userId })),
  find: (userId, organizationId) => engine.read(userId, () => oneOfPerson.first({ userId, organizationId })),
  list: () => engine.read('operator', () => all.all({})),
  findBySlug: (slug) => engine.read('operator', () => bySlug.first({ slug })),
  add: (given) => engine.write('operator', () => add(given)),
  rename: async (id, name) => (await engine.write('operator', () => rename.run({ id, name }))) > 0,
  async remove(id) {
    const members = await engine.write('operator', () => removeMembers.run({ id }))
    const tasks = await inSteps(engine, (rows) => removeTasks.run({ id, rows }))
    await engine.write('operator', () => remove.run({ id }))
    return { members, tasks }
  },
})
