import { isDeepStrictEqual } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { actorOf, addTask, type Crm, newTask, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  const DAY = 86_400_000
  const key = (fingerprint = 'f1', expiresAt = T0 + DAY) => ({ key: 'k', fingerprint, expiresAt })
  const count = async () => (await store.organizations.list()).reduce((sum, { tasks }) => sum + tasks, 0)

  test('a new task is read back whole, with its creator as first owner', async () => {
    const { organizations, people, tasks } = crm
    const task = await addTask(
      store,
      people.ada,
      newTask(organizations.acme, {
        title: 'Send offer',
        description: { blocks: [1, 'two', null] },
        status: 'IN_PROGRESS',
        assignee: 'grace@example.com',
        parentTaskId: tasks.acme,
        completedAt: T0 - 1,
        ownerIds: [people.grace, people.ada],
      }),
    )
    const ada = { id: people.ada, name: 'Ada Lovelace', email: 'ada@example.com' }
    expect(task).toEqual({
      id: task.id,
      title: 'Send offer',
      status: 'IN_PROGRESS',
      organization: { id: organizations.acme, name: 'Acme', slug: 'acme' },
      description: { blocks: [1, 'two', null] },
      assignee: 'grace@example.com',
      owners: [ada, { id: people.grace, name: 'Grace Hopper', email: 'grace@example.com' }],
      parentTask: { id: tasks.acme, title: 'Renew contract', status: 'TODO' },
      subtasks: [],
      createdBy: ada,
      createdAt: T0,
      updatedAt: T0,
      completedAt: T0 - 1,
      moreOwners: false,
      moreSubtasks: false,
    })
    const parent = await store.tasks.get(people.grace, tasks.acme)
    expect(parent?.subtasks.map(({ id }) => id)).toEqual([tasks.acmeChild, task.id])
  })

  describe('nothing is written', () => {
    test('in an organization that is not the creator’s, the same as in none', async () => {
      const before = await count()
      for (const organizationId of [crm.organizations.initech, 999]) {
        const outcome = await store.tasks.create(actorOf(crm.people.ada), newTask(organizationId))
        expect(outcome).toEqual({ kind: 'organization_not_found' })
      }
      expect(await count()).toBe(before)
    })

    test('under a parent of another organization, the same as under none', async () => {
      const before = await count()
      for (const parentTaskId of [crm.tasks.initech, crm.tasks.globex, 999]) {
        const task = newTask(crm.organizations.acme, { parentTaskId })
        expect(await store.tasks.create(actorOf(crm.people.grace), task)).toEqual({
          kind: 'parent_not_found',
        })
      }
      expect(await count()).toBe(before)
    })
  })

  describe('an idempotency key', () => {
    const create = (at = T0, fingerprint = 'f1', userId = crm.people.ada, title = 'Once') =>
      store.tasks.create(
        actorOf(userId, at),
        newTask(crm.organizations.acme, { title }),
        key(fingerprint, at + DAY),
      )

    test('answers the first task again, as it is now', async () => {
      const first = await create()
      if (first.kind !== 'created') throw new Error(first.kind)
      await store.tasks.update(actorOf(crm.people.grace, T0 + 5), first.task.id, { status: 'DONE' })
      const again = await create(T0 + 10)
      expect(again).toMatchObject({ kind: 'replayed', task: { id: first.task.id, status: 'DONE' } })
      expect(await store.tasks.replay(crm.people.ada, key(), T0 + 10)).toEqual(again)
    })

    test('with other arguments is a mismatch', async () => {
      await create()
      const before = await count()
      expect(await create(T0, 'f2')).toEqual({ kind: 'idempotency_mismatch' })
      expect(await store.tasks.replay(crm.people.ada, key('f2'), T0)).toEqual({
        kind: 'idempotency_mismatch',
      })
      expect(await count()).toBe(before)
    })

    test('is new again once it has expired', async () => {
      const first = await create()
      const later = await create(T0 + DAY, 'f2')
      expect([first.kind, later.kind]).toEqual(['created', 'created'])
      expect(await store.tasks.replay(crm.people.ada, key('f2'), T0 + DAY)).toMatchObject({
        kind: 'replayed',
      })
    })

    test('belongs to one person', async () => {
      await create()
      expect(await store.tasks.replay(crm.people.grace, key(), T0)).toBeUndefined()
      expect(await create(T0, 'f1', crm.people.grace)).toMatchObject({ kind: 'created' })
    })

    test('writes one task for two calls at once', async () => {
      const before = await count()
      const kinds = (await Promise.all([create(), create()])).map(({ kind }) => kind)
      expect(kinds.sort()).toEqual(['created', 'replayed'])
      expect(await count()).toBe(before + 1)
    })

    test('is not kept by a creation that was refused', async () => {
      const refused = newTask(crm.organizations.acme, { parentTaskId: 999 })
      await store.tasks.create(actorOf(crm.people.ada), refused, key())
      expect(await store.tasks.replay(crm.people.ada, key(), T0)).toBeUndefined()
    })
  })

  test.each([
    'text',
    '',
    'a "quoted"\nline\t\\n \u2028 \u{1F600}',
    0,
    -0,
    1.5e-300,
    Number.MAX_SAFE_INTEGER,
    true,
    [],
    {},
    [[[]]],
    [null, { a: [-0, { '': '' }] }],
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
  ])('the description %j is kept exactly', async (description) => {
    const { id } = await addTask(store, crm.people.ada, newTask(crm.organizations.acme, { description }))
    const task = await store.tasks.get(crm.people.ada, id)
    expect(isDeepStrictEqual(task?.description, description)).toBe(true)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})
