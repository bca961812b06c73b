import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { type OpenStore, storeOver } from '../../src/store/open.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import type { Statement, Step } from '../../src/store/statement.js'
import { type Crm, callTool, seedCrm, T0 } from '../helpers/store.js'
import { recording } from '../scale/recording.js'

/**
 * Plans of everything that serves a call or a page. SQLite plans by its schema alone, as nothing gathers
 * statistics: what is a search here is one in a store of ten million tasks as well.
 */
let engine: Engine
let store: OpenStore
let crm: Crm
let steps: Step[]
beforeAll(async () => {
  engine = sqliteEngine(await openFile(':memory:'))
  const recorded = recording(engine)
  steps = recorded.steps
  store = storeOver(recorded.engine)
  crm = await seedCrm(store)
})
afterAll(() => engine.close())

/** The plan of each statement that `work` runs, a line for each part of it. */
async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
  steps.length = 0
  await work()
  const run = steps.filter(({ statement }) => !statement.sqlite.includes('WHERE FALSE'))
  return engine.read('operator', function* () {
    const plans: string[] = []
    for (const { statement, values } of run) {
      const explained = { sqlite: `EXPLAIN QUERY PLAN ${statement.sqlite}` } as Statement
      const { rows } = yield { statement: explained, values: Array.isArray(values) ? values[0] : values }
      plans.push((rows as { detail: string }[]).map(({ detail }) => detail).join('\n'))
    }
    return plans
  })
}

const call = (name: string, args: object) => callTool(store, crm.people.ada, name, args)
const of = () => ({ organizationId: crm.organizations.acme })
const task = () => ({ taskId: crm.tasks.acme })

const CALLS: { name: string; work: () => Promise<unknown> }[] = [
  { name: 'list_organizations', work: () => call('list_organizations', {}) },
  { name: 'list_tasks', work: () => call('list_tasks', {}) },
  { name: 'list_tasks of a status', work: () => call('list_tasks', { status: 'TODO' }) },
  { name: 'list_tasks of an organization', work: () => call('list_tasks', of()) },
  { name: 'list_tasks of both', work: () => call('list_tasks', { ...of(), status: 'DONE' }) },
  {
    name: 'list_tasks after a place',
    work: () => store.tasks.list({ userId: crm.people.ada, after: { updatedAt: T0, id: 3 }, limit: 50 }),
  },
  { name: 'get_task', work: () => call('get_task', task()) },
  {
    name: 'get_task, its later parts',
    work: () => store.tasks.get(crm.people.ada, crm.tasks.acme, { ownersFrom: 10, subtasksAfter: 10 }),
  },
  {
    name: 'create_task with everything',
    work: () =>
      call('create_task', {
        ...of(),
        title: 'T',
        parentTaskId: crm.tasks.acme,
        assignee: 'ada@example.com',
        idempotencyKey: 'k',
      }),
  },
  {
    name: 'create_task again',
    work: () => call('create_task', { ...of(), title: 'U', idempotencyKey: 'l' }),
  },
  { name: 'update_task', work: () => call('update_task', { ...task(), title: 'New', assignee: 'me' }) },
  { name: 'the check of a token', work: () => store.principals.byId(crm.people.ada, 'client') },
  {
    name: 'the check of a foreign token',
    work: () => store.principals.bySubject('https://id.example', 'ada'),
  },
  { name: 'consent', work: () => store.clients.find('client') },
  { name: 'registration', work: () => store.clients.countUnused(T0) },
  { name: 'readiness', work: () => store.ping() },
]

/** Sorts of what one page, one task or one person has; everything else comes in the order of an index. */
const SORTED: Record<string, string> = {
  list_organizations: 'a person’s organizations',
  get_task: 'the owners of one task',
}
const SORT = /USE TEMP B-TREE/

describe.each(CALLS)('$name', ({ name, work }) => {
  let plans: string[]
  beforeAll(async () => {
    plans = await plansOf(work)
  })

  test('runs statements', () => {
    expect(plans.length).toBeGreaterThan(0)
  })

  test('searches, and scans no table', () => {
    // A page is the union of two searches, which are then read from start to end; readiness takes one row.
    const scans = plans.flatMap((plan) =>
      plan.split('\n').filter((line) => /^SCAN (?!\(|CONSTANT)/.test(line)),
    )
    expect(scans).toEqual(name === 'readiness' ? [expect.stringMatching(/^SCAN organization/)] : [])
  })

  test('sorts nothing that grows', () => {
    const sorts = plans.filter((plan) => SORT.test(plan))
    const allowed = /SEARCH task_owner .*task_id=\?|SEARCH member .*user_id=\?/
    expect(sorts.filter((plan) => !allowed.test(plan))).toEqual([])
    if (SORTED[name]) expect(sorts).toHaveLength(1)
  })
})
