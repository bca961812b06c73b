import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import type { TaskPatch } from '../../src/store/types.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { actorOf, type Crm, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  const update = (
    patch: TaskPatch,
    { at = T0 + 60_000, expected }: { at?: number; expected?: number } = {},
  ) => store.tasks.update(actorOf(crm.people.grace, at), crm.tasks.acme, patch, expected)
  const read = () => store.tasks.get(crm.people.ada, crm.tasks.acme)
  const written = async () => (await store.audit.list({ limit: 100 })).length

  describe('a patch', () => {
    const values: Required<TaskPatch> = {
      title: 'New',
      description: [1],
      status: 'CANCELLED',
      assignee: 'x',
      completedAt: T0,
    }
    test.each(Object.entries(values))('changes %s and keeps the rest', async (field, to) => {
      const before = await read()
      const outcome = await update({ [field]: to })
      const from = before?.[field as keyof TaskPatch]
      expect(outcome).toMatchObject({ kind: 'updated', changed: { [field]: { from, to } } })
      expect(await read()).toEqual({ ...before, [field]: to, updatedAt: T0 + 60_000 })
    })

    test('clears what may be empty', async () => {
      await update(values)
      await update({ description: null, assignee: null, completedAt: null })
      expect(await read()).toMatchObject({
        title: 'New',
        description: null,
        assignee: null,
        completedAt: null,
      })
    })

    test('that changes nothing writes nothing', async () => {
      await update({ description: { a: [1, { b: 2 }], c: null } })
      const [before, rows] = [await read(), await written()]
      const outcome = await update({ title: 'Renew contract', description: { c: null, a: [1, { b: 2 }] } })
      expect(outcome).toEqual({ kind: 'updated', task: before, changed: {} })
      expect([await read(), await written()]).toEqual([before, rows])
    })

    test('names only the fields that really changed', async () => {
      const outcome = await update({ title: 'Renew contract', status: 'DONE' })
      expect(outcome).toMatchObject({ changed: { status: { from: 'TODO', to: 'DONE' } } })
      expect(outcome).not.toHaveProperty('changed.title')
    })
  })

  describe('updatedAt', () => {
    test('grows strictly when the clock stands still or goes back', async () => {
      const times = []
      for (const [index, at] of [T0, T0, T0 - 5000, T0 + 2].entries()) {
        const outcome = await update({ title: `Title ${index}` }, { at })
        times.push(outcome.kind === 'updated' && outcome.task.updatedAt)
      }
      expect(times).toEqual([T0 + 1, T0 + 2, T0 + 3, T0 + 4])
    })
  })

  describe('expectedUpdatedAt', () => {
    test('lets a change through that has seen the task as it is', async () => {
      expect(await update({ title: 'Seen' }, { expected: T0 })).toMatchObject({ kind: 'updated' })
    })

    test('refuses a change that has not, and writes nothing', async () => {
      await update({ title: 'First' })
      const rows = await written()
      const outcome = await update({ title: 'Second' }, { expected: T0 })
      expect(outcome).toEqual({ kind: 'conflict', task: await read() })
      expect(outcome).toMatchObject({ task: { title: 'First', updatedAt: T0 + 60_000 } })
      expect(await written()).toBe(rows)
    })

    test('refuses a stale patch even where it would change nothing', async () => {
      await update({ title: 'First' })
      expect(await update({ title: 'First' }, { expected: T0 })).toMatchObject({ kind: 'conflict' })
    })

    test('lets exactly one of two concurrent changes win', async () => {
      const both = [update({ title: 'One' }, { expected: T0 }), update({ title: 'Two' }, { expected: T0 })]
      expect((await Promise.all(both)).map(({ kind }) => kind).sort()).toEqual(['conflict', 'updated'])
    })
  })

  describe('nothing of another organization is changed or shown', () => {
    test('to a stranger, the same as for no task', async () => {
      const actor = actorOf(crm.people.ada)
      const before = await store.tasks.get(crm.people.edsger, crm.tasks.initech)
      for (const id of [crm.tasks.initech, 999]) {
        expect(await store.tasks.update(actor, id, { title: 'Mine' })).toEqual({ kind: 'not_found' })
        expect(await store.tasks.get(crm.people.ada, id)).toBeUndefined()
      }
      expect(await store.tasks.get(crm.people.edsger, crm.tasks.initech)).toEqual(before)
    })

    test('to a person that the store does not know', async () => {
      expect(await store.tasks.update(actorOf(0), crm.tasks.acme, { title: 'x' })).toEqual({
        kind: 'not_found',
      })
      expect(await store.tasks.list({ userId: 0, limit: 50 })).toEqual({ tasks: [], more: false })
      expect(await store.organizations.listFor(0)).toEqual([])
    })
  })
})
