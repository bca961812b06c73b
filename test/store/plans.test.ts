import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { type OpenStore, storeOver } from '../../src/store/open.js'
import { openPostgres } from '../../src/store/postgres/open.js'
import { listAtOnce } from '../../src/store/postgres/task-list.js'
import { type Statement, statement, type Work } from '../../src/store/statement.js'
import { createTask } from '../../src/store/task-create.js'
import { OWN_TASKS } from '../../src/store/task-detail.js'
import { updateTask } from '../../src/store/task-update.js'
import { onEvery } from '../helpers/databases.js'
import { actorOf, newTask } from '../helpers/store.js'

/** Ada is in 20 of 40 organizations, which have 20000 tasks; times are in another order than the rows. */
const ROWS = [
  `INSERT INTO "user" (id, name, email, created_at, updated_at)
   SELECT n, 'P' || n, 'p' || n, 1, 1 FROM generate_series(1, 200) AS n`,
  `INSERT INTO organization (id, name, slug, created_at)
   SELECT n, 'O' || n, 'o' || n, 1 FROM generate_series(1, 40) AS n`,
  `INSERT INTO member (organization_id, user_id, created_at)
   SELECT o, u, 1 FROM generate_series(1, 40) AS o, generate_series(1, 200) AS u WHERE u > 1 OR o <= 20`,
  `INSERT INTO task (id, organization_id, title, status, created_by, created_at, updated_at)
   SELECT n, 1 + n % 40, 'T' || n, (ARRAY['TODO', 'IN_PROGRESS', 'DONE', 'CANCELLED'])[1 + n / 40 % 4],
          1 + n % 200, 1, n * 7919 % 20000
   FROM generate_series(1, 20000) AS n`,
  `INSERT INTO task_owner (organization_id, task_id, user_id, position)
   SELECT organization_id, id, 2, 0 FROM task`,
  `SELECT setval(pg_get_serial_sequence('task', 'id'), 20000)`,
  'UPDATE task SET parent_task_id = id - 40 WHERE id % 100 = 0',
  `INSERT INTO "user" (id, name, email, created_at, updated_at)
   SELECT n, 'P' || n, 'p' || n, 1, 1 FROM generate_series(201, 20000) AS n`,
  `INSERT INTO account (account_id, provider_id, user_id, created_at, updated_at)
   SELECT 's' || n, 'i', n, 1, 1 FROM generate_series(1, 20000) AS n`,
  `INSERT INTO oauth_client (client_id, redirect_uris, created_at)
   SELECT 'c' || n, '[]', n FROM generate_series(1, 20000) AS n`,
  `INSERT INTO oauth_consent (client_id, user_id, scopes, created_at, updated_at)
   SELECT 'c' || n, n, '[]', n, n FROM generate_series(1, 19000) AS n`,
  `INSERT INTO idempotency_key (user_id, key, fingerprint, task_id, expires_at)
   SELECT n, 'k', 'f', n, 2 FROM generate_series(1, 20000) AS n`,
]

/** Row-level security does not hold for the superuser of an embedded Postgres: transactions act as another there. */
const ANOTHER = [
  'DO $$ BEGIN CREATE ROLE zuko_planned; EXCEPTION WHEN duplicate_object THEN NULL; END $$',
  'GRANT ALL ON ALL TABLES IN SCHEMA public TO zuko_planned',
  'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO zuko_planned',
]

const actAsAnother = statement('SET LOCAL ROLE zuko_planned')

/** Parts of a plan that read a whole table of people, tasks or clients, or an index of one from its start. */
function wholes(plan: string): string[] {
  const table =
    '("?user"?|person|creator|account|task|parent|task_owner|oauth_client|oauth_consent|idempotency_key)'
  return plan.split('\n').filter((line, at, lines) => {
    if (new RegExp(`Seq Scan on ${table}\\b`).test(line)) return true
    return (
      new RegExp(`Index (Only )?Scan .*on ${table}\\b`).test(line) && !lines[at + 1]?.includes('Index Cond')
    )
  })
}

/** Does `work`, and adds the plan of each of its statements to `plans`. */
function* planned<Result>(work: () => Work<Result>, another: boolean, plans: string[]): Work<Result> {
  if (another) yield* actAsAnother.run({})
  const steps = work()
  let step = steps.next()
  while (!step.done) {
    const { text, names } = step.value.statement.postgres
    const explained = { sqlite: '', postgres: { text: `EXPLAIN ${text}`, names } } as unknown as Statement
    const { rows } = yield { statement: explained, values: step.value.values }
    plans.push((rows as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN']).join('\n'))
    step = steps.next(yield step.value)
  }
  return step.value
}

onEvery(['pglite', 'postgres'], (databases) => {
  const another = databases.kind === 'pglite'
  let engine: Engine
  beforeAll(async () => {
    await databases.store()
    for (const sql of [...ROWS, ...(another ? ANOTHER : []), 'ANALYZE']) await databases.query(sql)
    engine = await openPostgres(await databases.at())
    return () => engine.close()
  })
  const plansOf = async (work: () => Work<unknown>): Promise<string[]> => {
    const plans: string[] = []
    await engine.write(1, () => planned(work, another, plans))
    return plans
  }
  /** The plans of what the store itself runs. */
  const plansOfStore = async (call: (store: OpenStore) => Promise<unknown>): Promise<string[]> => {
    const plans: string[] = []
    const run: Engine['read'] = (viewer, work) => engine.write(viewer, () => planned(work, another, plans))
    await call(storeOver({ ...engine, read: run, write: run }))
    return plans
  }

  describe('behind the fence of row-level security', () => {
    const after = { updatedAt: 15_000, id: 15_010 }
    const lists = [
      { name: 'all', query: {}, index: 'task_recent' },
      { name: 'after a position', query: { after }, index: 'task_recent' },
      { name: 'of a status', query: { status: 'DONE' as const, after }, index: 'task_recent_by_status' },
      { name: 'of one organization', query: { organizationId: 1 }, index: 'task_recent' },
      {
        name: 'of one organization and a status',
        query: { organizationId: 1, status: 'TODO' as const },
        index: 'task_recent_by_status',
      },
    ]
    test.each(lists)(
      'a list $name reads each organization’s newest in the order of the index',
      async (one) => {
        const [plan, ...more] = await plansOf(() => listAtOnce({ userId: 1, limit: 50, ...one.query }))
        expect(more).toEqual([])
        expect(plan).toMatch(new RegExp(`Index Scan Backward using ${one.index} on task`))
        expect(plan).not.toContain('Seq Scan on task')
        // Of what the organizations gave, a page of each, the newest.
        expect(plan?.match(/Sort Key/g)).toHaveLength(1)
      },
    )

    const actor = actorOf(1)
    const key = { key: 'k', fingerprint: 'f', expiresAt: actor.at + 1 }
    const works = [
      { name: 'reading', statements: 3, work: () => OWN_TASKS.read(1, 10_000) },
      {
        name: 'creating',
        statements: 15,
        work: () => createTask(actor, newTask(1, { parentTaskId: 10_000 }), key),
      },
      {
        name: 'changing',
        statements: 11,
        work: () => updateTask(OWN_TASKS, actor, 10_000, { title: 'New' }),
      },
    ]
    test.each(works)('$name a task reads no whole table of tasks', async ({ statements, work }) => {
      const plans = await plansOf(work)
      expect(plans).toHaveLength(statements)
      expect(plans.flatMap(wholes)).toEqual([])
    })
  })

  describe('before and around the tools', () => {
    const calls: { name: string; call: (store: OpenStore) => Promise<unknown> }[] = [
      { name: 'the check of a token', call: ({ principals }) => principals.byId(1, 'c7') },
      { name: 'the check of a foreign token', call: ({ principals }) => principals.bySubject('i', 's7') },
      { name: 'consent', call: ({ clients }) => clients.find('c7') },
      { name: 'registration', call: ({ clients }) => clients.countUnused(19_990) },
      { name: 'an assignee by e-mail', call: ({ members }) => members.match(1, 1, 'p7') },
      { name: 'an assignee by id', call: ({ members }) => members.match(1, 1, '7') },
      { name: 'an idempotency key', call: ({ tasks }) => tasks.replay(1, { key: 'k', fingerprint: 'f' }, 1) },
    ]
    test.each(calls)('$name reads no whole table', async ({ call }) => {
      const plans = await plansOfStore(call)
      expect(plans.length).toBeGreaterThan(0)
      expect(plans.flatMap(wholes)).toEqual([])
      const sorts = plans.flatMap((plan) => plan.match(/Sort Key: .*/g) ?? [])
      // The owners of one task.
      expect(sorts.filter((sort) => !/task_owner\."?position/.test(sort))).toEqual([])
    })
  })
})
