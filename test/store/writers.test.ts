import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { onEvery } from '../helpers/databases.js'
import { actorOf, addTask, type Crm, newTask, seedCrm, T0 } from '../helpers/store.js'

const MANY = 20
const times = <Result>(work: (number: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: MANY }, (_, number) => work(number)))

onEvery(['sqlite', 'pglite', 'postgres', 'pgbouncer'], (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    store = await databases.store()
    crm = await seedCrm(store)
  })

  describe('many who write at the same time', () => {
    test('make one chain of each organization’s changes', async () => {
      const { people, organizations } = crm
      await times((number) =>
        number % 2
          ? addTask(store, people.grace, newTask(organizations.acme))
          : addTask(store, people.grace, newTask(organizations.globex)),
      )
      expect(await store.audit.verify()).toEqual({ rows: 5 + MANY })
    })

    test('begin the chain of a new organization once', async () => {
      const { id } = await store.organizations.add({ name: 'New', slug: 'new', at: T0 })
      await store.members.add({ userId: crm.people.ada, organizationId: id, role: 'owner', at: T0 })
      await times(() => addTask(store, crm.people.ada, newTask(id)))
      expect(await store.audit.verify()).toEqual({ rows: 5 + MANY })
    })

    test('with one idempotency key create one task', async () => {
      const { people, organizations } = crm
      const key = { key: 'k', fingerprint: 'f', expiresAt: T0 + 1000 }
      const outcomes = await times((number) => {
        const organizationId = number % 2 ? organizations.acme : organizations.globex
        return store.tasks.create(actorOf(people.grace), newTask(organizationId), key)
      })
      const kinds = outcomes.map(({ kind }) => kind).sort()
      expect(kinds).toEqual(['created', ...Array(MANY - 1).fill('replayed')])
      expect(new Set(outcomes.map((outcome) => 'task' in outcome && outcome.task.id)).size).toBe(1)
    })

    test('change a task one after the other: each change begins where the last one ended', async () => {
      const { people, tasks } = crm
      await times((number) => store.tasks.update(actorOf(people.ada), tasks.acme, { title: `T${number}` }))
      const list = await store.audit.list({ taskId: tasks.acme, limit: 100 })
      const titles = list.reverse().map(({ changes }) => changes.title)
      expect(titles).toHaveLength(MANY + 1)
      expect(titles.slice(1).map((title) => title?.from)).toEqual(
        titles.slice(0, -1).map((title) => title?.to),
      )
      const task = await store.tasks.get(people.ada, tasks.acme)
      expect(task).toMatchObject({ title: titles.at(-1)?.to, updatedAt: T0 + MANY })
    })

    test('of those that expect the same time one changes the task, and the others see what it wrote', async () => {
      const { people, tasks } = crm
      const outcomes = await times((number) =>
        store.tasks.update(actorOf(people.ada), tasks.acme, { title: `T${number}` }, T0),
      )
      const [changed, ...more] = outcomes.filter(({ kind }) => kind === 'updated')
      expect(more).toEqual([])
      const now = await store.tasks.get(people.ada, tasks.acme)
      expect(changed).toMatchObject({ task: now })
      const others = outcomes.filter(({ kind }) => kind === 'conflict')
      expect(others).toEqual(Array(MANY - 1).fill({ kind: 'conflict', task: now }))
    })

    test('of seeds of one organization one adds its tasks', async () => {
      const { id } = await store.organizations.add({ name: 'New', slug: 'new', at: T0 })
      await store.members.add({ userId: crm.people.ada, organizationId: id, role: 'owner', at: T0 })
      const tasks = [{ actor: { userId: crm.people.ada, at: T0 }, task: newTask(id) }]
      const added = await times(() => store.seeds.addTasks(tasks, { clientId: 'test', requestId: 'r' }))
      expect(added.sort()).toEqual([...Array(MANY - 1).fill(0), 1])
    })

    test('of those who add a member one does', async () => {
      const { people, organizations } = crm
      const member = {
        userId: people.nobody,
        organizationId: organizations.acme,
        role: 'admin',
        at: T0,
      } as const
      const outcomes = await times(() => store.members.add(member))
      expect(outcomes.filter(({ added }) => added)).toHaveLength(1)
      expect(outcomes.every(({ role }) => role === 'admin')).toBe(true)
    })
  })

  describe('whoever is no member', () => {
    test('begins no chain of an organization, neither of another’s nor of none', async () => {
      for (const organizationId of [crm.organizations.globex, 999]) {
        const outcome = await store.tasks.create(actorOf(crm.people.ada), newTask(organizationId))
        expect(outcome).toEqual({ kind: 'organization_not_found' })
      }
      expect(await store.audit.verify()).toEqual({ rows: 5 })
    })

    test('changes nothing of a task', async () => {
      const outcome = await store.tasks.update(actorOf(crm.people.edsger), crm.tasks.acme, { title: 'Mine' })
      expect(outcome).toEqual({ kind: 'not_found' })
      expect(await store.tasks.get(crm.people.ada, crm.tasks.acme)).toMatchObject({ title: 'Renew contract' })
    })
  })
})
