import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { storeOver } from '../../src/store/open.js'
import { openPostgres } from '../../src/store/postgres/open.js'
import { type Statement, type Step, statement } from '../../src/store/statement.js'
import { onEvery } from '../helpers/databases.js'
import { ROOT } from '../helpers/sources.js'
import { type Crm, callTool, seedCrm } from '../helpers/store.js'
import { recording } from './recording.js'
import { SHARDED, unkeyed } from './sharding-key.js'

const textOf = ({ statement: { postgres } }: Step): string => postgres.text

/** What members call all day, as Ada, who is in Acme only. */
const CALLS: { name: string; argumentsOf: (crm: Crm) => object }[] = [
  { name: 'list_organizations', argumentsOf: () => ({}) },
  { name: 'list_tasks', argumentsOf: () => ({}) },
  { name: 'list_tasks', argumentsOf: () => ({ status: 'TODO' }) },
  {
    name: 'list_tasks',
    argumentsOf: ({ organizations }) => ({ organizationId: organizations.acme, status: 'TODO' }),
  },
  { name: 'get_task', argumentsOf: ({ tasks }) => ({ taskId: tasks.acme }) },
  {
    name: 'create_task',
    argumentsOf: ({ organizations, tasks }) => ({
      title: 'Call back',
      organizationId: organizations.acme,
      parentTaskId: tasks.acme,
      assignee: 'Ada Lovelace',
      idempotencyKey: 'once',
    }),
  },
  {
    name: 'update_task',
    argumentsOf: ({ tasks }) => ({ taskId: tasks.acme, status: 'DONE', assignee: 'me' }),
  },
]

/** Rows enough that a whole table costs more than an index. */
const MORE = `
  INSERT INTO task (organization_id, title, status, created_at, updated_at)
  SELECT organization.id, 'T' || n, 'TODO', 1, n FROM organization, generate_series(1, 4000) AS n`

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  'Actual Loops'?: number
  Plans?: Plan[]
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
const below = ({ Plans = [] }: Plan): Plan[] =>
  Plans.flatMap((plan) => (plan['Node Type'] === 'Limit' ? [] : [plan, ...below(plan)]))

/** Sorts of as many tasks as there are: those with a scan of tasks below them that no LIMIT bounds. */
const unboundedSorts = (plan: Plan): Plan[] =>
  nodesOf(plan).filter(
    (node) =>
      /Sort$/.test(node['Node Type']) &&
      below(node).some((one) => /^task(_\d+)?$/.test(one['Relation Name'] ?? '')),
  )

const ROLLED_BACK = new Error('Explained.')

/** The plan of a step as it ran, which is then taken back. */
async function planOf(engine: Engine, viewer: number, { statement: of, values }: Step): Promise<Plan> {
  const { text, names } = of.postgres
  const explain = { text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, names }
  const explained = { sqlite: '', postgres: explain } as unknown as Statement
  let plan: Plan | undefined
  await engine
    .write(viewer, function* () {
      const { rows } = yield { statement: explained, values }
      plan = (rows as { 'QUERY PLAN': { Plan: Plan }[] }[])[0]?.['QUERY PLAN'][0]?.Plan
      throw ROLLED_BACK
    })
    .catch((error: unknown) => {
      if (error !== ROLLED_BACK) throw error
    })
  return plan as Plan
}

describe('the rule', () => {
  test.each([
    ['SELECT id FROM task WHERE id = $1', ['task']],
    ['SELECT id FROM task WHERE organization_id = $1 AND id = $2', []],
    [
      'SELECT 1 FROM task_owner AS o JOIN task ON task.id = o.task_id WHERE organization_id = $1',
      ['o', 'task'],
    ],
    ['SELECT 1 FROM member JOIN task ON task.organization_id = member.organization_id', []],
    ['INSERT INTO audit (at, hash) VALUES ($1, $2)', ['audit']],
    ['INSERT INTO audit (at, organization_id) VALUES ($1, $2)', []],
    ['UPDATE audit_head SET hash = $1', ['audit_head']],
  ])('finds in "%s" what does not say of which organization: %j', (text, found) => {
    expect(unkeyed(text)).toEqual(found)
  })
})

onEvery(['pglite', 'postgres'], (databases) => {
  let engine: Engine
  let crm: Crm
  const runs = new Map<string, Step[]>()
  const partitioned = new Map<string, Step[]>()

  /** What each call runs, on the database as it is. */
  async function record(into: Map<string, Step[]>): Promise<void> {
    const { engine: recorded, steps } = recording(engine)
    const store = storeOver(recorded)
    for (const [number, { name, argumentsOf }] of CALLS.entries()) {
      steps.length = 0
      await callTool(store, crm.people.ada, name, argumentsOf(crm))
      into.set(`${number} ${name}`, [...steps])
    }
  }

  beforeAll(async () => {
    crm = await seedCrm(await databases.store())
    await databases.query(MORE)
    await databases.query('ANALYZE')
    engine = await openPostgres(await databases.at())
    await record(runs)
    return () => engine.close()
  })

  describe('every statement that a call runs', () => {
    test('says of which organization its tasks, owners and changes are', () => {
      const texts = [...runs.values()].flat().map(textOf)
      expect(texts.length).toBeGreaterThan(30)
      expect(texts.filter((text) => unkeyed(text).length > 0)).toEqual([])
      for (const table of SHARDED) expect(texts.some((text) => text.includes(table))).toBe(true)
    })

    test('reads no whole table of tasks, and sorts no more of them than a page', async () => {
      for (const step of [...runs.values()].flat().filter((one) => !/^\s*INSERT/.test(textOf(one)))) {
        const plan = await planOf(engine, crm.people.ada, step)
        const whole = nodesOf(plan).filter((node) => node['Node Type'] === 'Seq Scan')
        expect(whole.map((node) => node['Relation Name'])).not.toContain('task')
        expect(unboundedSorts(plan)).toEqual([])
      }
    })
  })

  describe('in partitions by organization', () => {
    beforeAll(async () => {
      await databases.query(readFileSync(join(ROOT, 'docs/scale/partitions.sql'), 'utf8'))
      await databases.query('ANALYZE')
      await record(partitioned)
    })

    test('every call runs the same statements', () => {
      const [before, after] = [runs, partitioned].map((run) =>
        [...run].map(([name, steps]) => [name, steps.map(textOf)]),
      )
      // The key of the creation answers what the first run created, and the change is one already.
      const repeatable = (of: typeof before) => of?.filter(([name]) => !/create|update/.test(name as string))
      expect(repeatable(after)).toEqual(repeatable(before))
    })

    test('every statement of a person of one organization touches one partition of a table', async () => {
      const steps = [...runs.values()].flat().filter((one) => !/^\s*INSERT/.test(textOf(one)))
      const all = new Set<string>()
      for (const step of steps) {
        const plan = await planOf(engine, crm.people.ada, step)
        const ran = nodesOf(plan).filter((node) => (node['Actual Loops'] ?? 0) > 0)
        const touched = new Set(ran.map((node) => node['Relation Name'] ?? ''))
        for (const table of SHARDED) {
          const parts = [...touched].filter((name) => new RegExp(`^${table}_\\d+$`).test(name))
          expect(parts.length, `${table} in ${textOf(step)}: ${parts}`).toBeLessThanOrEqual(1)
          for (const part of parts) all.add(part)
        }
      }
      expect([...all].map((part) => part.replace(/_\d+$/, '')).sort()).toEqual([
        'audit_head',
        'task',
        'task_owner',
      ])
    })

    test('the fence around each organization still stands', async () => {
      const fences = await databases.query(`
        SELECT tablename FROM pg_policies WHERE schemaname = 'public' AND tablename IN ('task', 'task_owner', 'audit', 'audit_head')`)
      expect(fences).toHaveLength(SHARDED.length)
      const stranger = callTool(storeOver(engine), crm.people.edsger, 'get_task', { taskId: crm.tasks.acme })
      await expect(stranger).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    test('ids go on where they were', async () => {
      const args = { title: 'After', organizationId: crm.organizations.acme }
      const made = await callTool(storeOver(engine), crm.people.ada, 'create_task', args)
      const highest = await engine.read('operator', () =>
        statement<{ id: number }>('SELECT max(id) AS id FROM task').first({}),
      )
      expect(made.id).toBe(highest?.id)
    })
  })
})
