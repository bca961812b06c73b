import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { type Crm, callTool, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  const create = (userId: number, args: object, at = T0) =>
    callTool(store, userId, 'create_task', { title: 'New', ...args }, at)

  test('a person of one organization may leave it out', async () => {
    const task = await create(crm.people.ada, {})
    expect(task).toMatchObject({
      title: 'New',
      status: 'TODO',
      organization: { name: 'Acme' },
      description: null,
    })
    expect(task).toMatchObject({
      owners: [{ email: 'ada@example.com' }],
      createdBy: { email: 'ada@example.com' },
    })
    expect(task).not.toHaveProperty('replayed')
    expect(task).not.toHaveProperty('note')
  })

  describe('ORGANIZATION_REQUIRED', () => {
    test('lists a person’s several organizations, and no other', async () => {
      const { acme, globex } = crm.organizations
      const own = `[{"id":${acme},"name":"Acme"},{"id":${globex},"name":"Globex"}]`
      await expect(create(crm.people.grace, {})).rejects.toMatchObject({
        code: 'ORGANIZATION_REQUIRED',
        message: `You belong to several organizations: ${own}.`,
        fix: expect.stringContaining('organizationId'),
      })
    })

    test('says so to a person of none', async () => {
      const refusal = { code: 'ORGANIZATION_REQUIRED', message: expect.stringContaining('no organization') }
      await expect(create(crm.people.nobody, {})).rejects.toMatchObject(refusal)
    })
  })

  test('a parent in another organization of one’s own is an error that says which', async () => {
    const args = { organizationId: crm.organizations.acme, parentTaskId: crm.tasks.globex }
    await expect(create(crm.people.grace, args)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      fix: expect.stringContaining(`organizationId ${crm.organizations.globex}`),
    })
  })

  test('a parent of the same organization makes a subtask', async () => {
    const task = await create(crm.people.ada, { parentTaskId: crm.tasks.acme })
    expect(task).toMatchObject({
      parentTask: { id: crm.tasks.acme, title: 'Renew contract', status: 'TODO' },
    })
  })

  describe('an assignee', () => {
    test.each([
      ['me', 'ada@example.com'],
      ['GRACE@example.com', 'grace@example.com'],
      ['grace hopper', 'grace@example.com'],
      ['  Grace Hopper ', 'grace@example.com'],
    ])('%j becomes %s', async (assignee, email) => {
      const task = await create(crm.people.ada, { assignee })
      expect(task).toMatchObject({ assignee: email })
      expect(task).not.toHaveProperty('note')
    })

    test('can be a user id', async () => {
      expect(await create(crm.people.ada, { assignee: String(crm.people.grace) })).toMatchObject({
        assignee: 'grace@example.com',
      })
    })

    test('that several members are called is refused with the candidates', async () => {
      const refusal = create(crm.people.ada, { assignee: 'sam lee' })
      await expect(refusal).rejects.toMatchObject({ code: 'AMBIGUOUS_ASSIGNEE' })
      const { message } = await refusal.catch((error: Error) => error)
      expect(message).toContain('sam@example.com')
      expect(message).toContain('sammy@example.com')
    })

    test('that is no member is kept as given, and the note says so', async () => {
      expect(await create(crm.people.ada, { assignee: 'Front desk' })).toMatchObject({
        assignee: 'Front desk',
        note: expect.stringContaining('"Front desk" names no member'),
      })
    })
  })

  describe('an idempotency key', () => {
    const args = { idempotencyKey: 'call-acme', assignee: 'Grace Hopper', description: { a: 1, b: 2 } }

    test('answers the first task again', async () => {
      const first = await create(crm.people.ada, args)
      const reordered = {
        description: { b: 2, a: 1 },
        assignee: 'Grace Hopper',
        status: 'TODO',
        idempotencyKey: 'call-acme',
      }
      expect(await create(crm.people.ada, reordered, T0 + 1000)).toEqual({ ...first, replayed: true })
    })

    test('answers it even when its arguments would no longer resolve', async () => {
      const first = await create(crm.people.ada, args)
      const member = { organizationId: crm.organizations.globex, userId: crm.people.ada }
      await store.members.add({ ...member, role: 'member', at: T0 })
      const { id } = await store.people.add({ name: 'Grace Hopper', email: 'g2@example.com', at: T0 })
      await store.members.add({ userId: id, organizationId: crm.organizations.acme, role: 'member', at: T0 })
      expect(await create(crm.people.ada, args)).toEqual({ ...first, replayed: true })
    })

    test('with other arguments is refused', async () => {
      await create(crm.people.ada, args)
      for (const other of [
        { ...args, title: 'Other' },
        { ...args, description: { a: 1, b: 3 } },
      ]) {
        await expect(create(crm.people.ada, other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
      }
    })

    test('creates one task for two calls at once', async () => {
      const both = await Promise.all([create(crm.people.ada, args), create(crm.people.ada, args)])
      expect(new Set(both.map(({ id }) => id)).size).toBe(1)
      expect(both.filter(({ replayed }) => replayed)).toHaveLength(1)
    })

    test('is good for 24 hours', async () => {
      const day = 86_400_000
      const first = await create(crm.people.ada, args)
      expect(await create(crm.people.ada, args, T0 + day - 1)).toMatchObject({ id: first.id, replayed: true })
      expect(await create(crm.people.ada, args, T0 + day)).not.toMatchObject({ id: first.id })
    })
  })
})
