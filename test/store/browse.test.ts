import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type OpenStore, openStore } from '../../src/store/open.js'
import type { BrowseQuery } from '../../src/store/types.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { addTask, type Crm, memoryStore, newTask, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm

  beforeAll(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
    const { acme } = crm.organizations
    const odd = { title: '100% of a_b', assignee: 'grace@example.com', status: 'DONE' as const }
    await addTask(store, crm.people.ada, newTask(acme, odd), T0 + 5000)
  })

  const titles = async (query: Partial<BrowseQuery>) =>
    (await store.browse.tasks({ limit: 50, ...query })).tasks.map(({ title }) => title)

  describe('tasks of every organization', () => {
    test('come newest first, with the name of their organization', async () => {
      const { tasks, more } = await store.browse.tasks({ limit: 50 })
      expect(more).toBe(false)
      expect(tasks.map(({ id }) => id)).toEqual([...tasks.map(({ id }) => id)].sort((a, b) => b - a))
      expect(tasks.map((task) => task.organizationName)).toEqual([
        'Acme',
        'Initech',
        'Globex',
        'Acme',
        'Initech',
        'Acme',
      ])
    })

    test('come in pages that join without a gap', async () => {
      const first = await store.browse.tasks({ limit: 4 })
      const rest = await store.browse.tasks({ limit: 4, before: first.tasks.at(-1)?.id })
      expect([first.more, rest.more]).toEqual([true, false])
      const all = await store.browse.tasks({ limit: 50 })
      expect([...first.tasks, ...rest.tasks]).toEqual(all.tasks)
    })

    test.each([
      [{ text: 'SHIP' }, ['Ship samples']],
      [{ text: 'grace@' }, ['100% of a_b']],
      [{ text: '%' }, ['100% of a_b']],
      [{ text: 'a_b' }, ['100% of a_b']],
      [{ text: 'a%b' }, []],
      [{ text: '#3' }, ['Ask legal']],
      [{ text: 'nothing of the kind' }, []],
      [{ status: 'DONE' as const }, ['100% of a_b']],
    ])('are found by %j', async (query, expected) => {
      expect(await titles(query)).toEqual(expected)
    })

    test('are found in one organization', async () => {
      expect(await titles({ organizationId: crm.organizations.globex })).toEqual(['Ship samples'])
    })

    test('a search that nobody waits for any more ends', async () => {
      const { tasks } = await store.browse.tasks({ text: 'a', limit: 50 }, AbortSignal.abort())
      expect(tasks).toEqual([])
    })
  })

  test('the overview counts everything, and the changes since a time', async () => {
    await store.people.setDisabled(crm.people.nobody, T0)
    expect(await store.browse.overview(T0 + 1)).toMatchObject({
      organizations: 3,
      people: 6,
      disabled: 1,
      tasks: { TODO: 5, IN_PROGRESS: 0, DONE: 1, CANCELLED: 0 },
      changes: 1,
      logBytes: 0,
    })
    expect((await store.browse.overview(T0)).changes).toBe(6)
    expect((await store.browse.overview(T0 + 5001)).changes).toBe(0)
  })

  test.skipIf(databases.kind === 'sqlite')('the revision changes when another node writes', async () => {
    const there = await openStore(await databases.at())
    const before = await store.browse.revision()
    await there.organizations.add({ name: 'Other', slug: 'other', at: T0 })
    expect(await store.browse.revision()).not.toBe(before)
    await there.close()
  })
})

test('tasks are found behind more of them than one step reads', async () => {
  const many = await memoryStore()
  const { id: userId } = await many.people.add({ name: 'Ada', email: 'ada@example.com', at: T0 })
  const organization = await many.organizations.add({ name: 'Acme', slug: 'acme', at: T0 })
  await many.members.add({ userId, organizationId: organization.id, role: 'owner', at: T0 })
  const task = (title: string) => ({ actor: { userId, at: T0 }, task: newTask(organization.id, { title }) })
  const rest = Array.from({ length: 11_000 }, () => task('Call back'))
  await many.seeds.addTasks([task('The first one'), ...rest], { clientId: 'test', requestId: 'r' })
  const { tasks, more } = await many.browse.tasks({ text: 'first one', limit: 5 })
  expect({ ids: tasks.map(({ id }) => id), more }).toEqual({ ids: [1], more: false })
  await many.close()
})

test('the revision changes when another process writes, and only then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zuko-browse-'))
  const [here, there] = [await openStore(join(folder, 'zuko.db')), await openStore(join(folder, 'zuko.db'))]
  const before = await here.browse.revision()
  expect(await here.browse.revision()).toBe(before)
  await there.organizations.add({ name: 'Acme', slug: 'acme', at: T0 })
  expect(await here.browse.revision()).not.toBe(before)
  expect((await here.browse.overview(T0)).logBytes).toBeGreaterThan(0)
  await here.close()
  await there.close()
  rmSync(folder, { recursive: true })
})
