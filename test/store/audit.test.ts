import { beforeEach, expect, test } from 'vitest'
import { auditHash, FIRST_HASH } from '../../src/store/audit-hash.js'
import { connect } from '../../src/store/connection.js'
import type { OpenStore } from '../../src/store/open.js'
import { organizationStore } from '../../src/store/organizations.js'
import { audit } from '../../src/store/schema.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { taskStore } from '../../src/store/tasks.js'
import { actorOf, addTask, type Crm, memoryStore, newTask, seedCrm, T0 } from '../helpers/store.js'

let store: OpenStore
let crm: Crm
beforeEach(async () => {
  store = await memoryStore()
  crm = await seedCrm(store)
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

test('each row’s hash rests on the row before it and on every value of its own', async () => {
  const connection = connect(await openFile(':memory:'))
  const tasks = taskStore(connection)
  const { id } = await organizationStore(connection).add({ name: 'Acme', slug: 'acme', at: T0 })
  connection.sqlite.exec(`
    INSERT INTO user (id, name, email, created_at, updated_at) VALUES (1, 'Ada', 'ada@example.com', 1, 1);
    INSERT INTO member (organization_id, user_id, created_at) VALUES (${id}, 1, 1)`)
  await tasks.create(actorOf(1), newTask(id))
  await tasks.update(actorOf(1), 1, { title: 'Two', description: [-0] })
  const rows = connection.db.select().from(audit).all()
  const [first, second] = rows
  if (!first || !second) throw new Error('two rows were written')
  expect(first.previousHash).toBe(FIRST_HASH)
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
  connection.sqlite.close()
})
