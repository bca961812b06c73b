import { beforeEach, expect, test } from 'vitest'
import { auditHash, FIRST_HASH } from '../../src/store/audit-hash.js'
import type { OpenStore } from '../../src/store/open.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { taskStore } from '../../src/store/tasks.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { addTwoOrganizations, storedChanges } from '../helpers/engines.js'
import { actorOf, addTask, type Crm, newTask, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  test('a creation and a change leave who, through what, and from what to what', async () => {
    const { people, organizations } = crm
    const task = await addTask(store, people.ada, newTask(organizations.acme, { description: { a: 1 } }))
    const patch = { description: { a: 2 }, status: 'DONE' as const }
    await store.tasks.update(actorOf(people.grace, T0 + 9), task.id, patch)
    const common = { clientId: 'test-client', requestId: 'request-1', taskId: task.id }
    expect(await store.audit.list({ taskId: task.id, limit: 10 })).toMatchObject([
      {
        ...common,
        userId: people.grace,
        at: T0 + 9,
        action: 'update',
        changes: { description: { from: { a: 1 }, to: { a: 2 } }, status: { from: 'TODO', to: 'DONE' } },
      },
      {
        ...common,
        userId: people.ada,
        at: T0,
        action: 'create',
        changes: { title: { from: null, to: 'Call back' }, description: { from: null, to: { a: 1 } } },
      },
    ])
  })

  test('the list is newest first and can be of one person', async () => {
    const rows = await store.audit.list({ userId: crm.people.edsger, limit: 10 })
    expect(rows.map(({ taskId }) => taskId)).toEqual([crm.tasks.initechChild, crm.tasks.initech])
    expect(await store.audit.list({ limit: 2 })).toHaveLength(2)
  })
})

test('each row’s hash rests on the row before it in its organization and on every value of its own', async () => {
  const engine = sqliteEngine(await openFile(':memory:'))
  await addTwoOrganizations(engine)
  const tasks = taskStore(engine)
  await tasks.create(actorOf(1), newTask(1))
  await tasks.create(actorOf(1), newTask(2))
  await tasks.update(actorOf(1), 1, { title: 'Two', description: [-0] })
  const rows = await storedChanges(engine)
  const [first, second, elsewhere] = rows
  if (!first || !second || !elsewhere) throw new Error('three rows were written')
  expect(rows.map(({ position }) => position)).toEqual([1, 2, 1])
  expect([first, elsewhere].map(({ previousHash }) => previousHash)).toEqual([FIRST_HASH, FIRST_HASH])
  expect(second.previousHash).toBe(first.hash)
  expect(rows.map(auditHash)).toEqual(rows.map(({ hash }) => hash))
  for (const field of [
    'at',
    'userId',
    'clientId',
    'requestId',
    'organizationId',
    'taskId',
    'action',
    'changes',
  ]) {
    const altered = { ...second, [field]: field === 'changes' ? '{}' : 7 } as typeof second
    expect(auditHash(altered), field).not.toBe(second.hash)
  }
  await engine.close()
})
