import { beforeAll, expect, test } from 'vitest'
import type { Engine, Viewer } from '../../src/store/engine.js'
import { openPostgres } from '../../src/store/postgres/open.js'
import { type Statement, statement, type Work } from '../../src/store/statement.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { actorOf, type Crm, newTask, seedCrm, T0 } from '../helpers/store.js'

type Counted = { rows: number }

/** What a statement says that forgot whose rows it may see. */
const forgetful = (table: string) => statement<Counted>(`SELECT count(*) AS rows FROM ${table}`)
const TABLES = ['task', 'task_owner', 'audit', 'audit_head', 'idempotency_key']

const insertTask = statement<unknown, { organizationId: number }>(`
  INSERT INTO task (organization_id, title, status, created_at, updated_at)
  VALUES (@organizationId, 'Forged', 'TODO', 1, 1)`)

/** A superuser passes by every fence, so that for one of those the transaction acts as somebody else. */
const SUPER = 'SELECT rolsuper AS super FROM pg_roles WHERE rolname = current_user'
const MEMBER = [
  'DO $$ BEGIN CREATE ROLE zuko_fenced; EXCEPTION WHEN duplicate_object THEN NULL; END $$',
  'GRANT ALL ON ALL TABLES IN SCHEMA public TO zuko_fenced',
  'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO zuko_fenced',
]
const actAsMember = statement('SET LOCAL ROLE zuko_fenced')

onEvery(
  KINDS.filter((kind) => kind !== 'sqlite'),
  (databases) => {
    let engine: Engine
    let crm: Crm
    let isSuper: boolean

    beforeAll(async () => {
      const store = await databases.store()
      crm = await seedCrm(store)
      const idempotency = { key: 'one', fingerprint: 'f', expiresAt: T0 + 1000 }
      await store.tasks.create(actorOf(crm.people.edsger), newTask(crm.organizations.initech), idempotency)
      const [user] = await databases.query(SUPER)
      isSuper = user?.super === true
      for (const sql of isSuper ? MEMBER : []) await databases.query(sql)
      engine = await openPostgres(await databases.at())
      return () => engine.close()
    })

    /** Runs work as one viewer; `null` is a transaction that says for nobody. */
    const runAs = <Result>(viewer: Viewer | null, work: () => Work<Result>) =>
      engine.write(viewer ?? ('' as Viewer), function* () {
        if (isSuper) yield* actAsMember.run({})
        return yield* work()
      })
    const countAs = async (viewer: Viewer | null, counting: Statement<Counted>) =>
      (await runAs(viewer, () => counting.first({})))?.rows

    test.each(TABLES)('a statement on %s that forgets its filter sees nothing of others', async (table) => {
      const all = await countAs('operator', forgetful(table))
      expect(all).toBeGreaterThan(0)
      expect(await countAs(crm.people.nobody, forgetful(table))).toBe(0)
      expect(await countAs(crm.people.edsger, forgetful(table))).toBeGreaterThan(0)
      expect(await countAs(crm.people.ada, forgetful(table))).toBeLessThan(all as number)
    })

    test.each(TABLES)('without a viewer nothing of %s is there', async (table) => {
      expect(await countAs(null, forgetful(table))).toBe(0)
    })

    test('a person sees the tasks of every organization that it belongs to, and of no other', async () => {
      const seen = statement<Counted>('SELECT count(DISTINCT organization_id) AS rows FROM task')
      expect(await countAs(crm.people.grace, seen)).toBe(2)
      expect(await countAs(crm.people.ada, seen)).toBe(1)
      expect(await countAs('operator', seen)).toBe(3)
    })

    test('a statement cannot write where the person does not belong', async () => {
      const write = (organizationId: number) =>
        runAs(crm.people.ada, () => insertTask.run({ organizationId }))
      await expect(write(crm.organizations.initech)).rejects.toMatchObject({ code: '42501' })
      expect(await write(crm.organizations.acme)).toBe(1)
    })

    test('a statement cannot change or remove what the person does not see', async () => {
      const change = statement("UPDATE task SET title = 'Forged'")
      const remove = statement('DELETE FROM task_owner')
      const all = await countAs('operator', forgetful('task'))
      expect(await runAs(crm.people.ada, () => change.run({}))).toBeLessThan(all as number)
      await runAs(crm.people.ada, () => remove.run({}))
      expect(await countAs(crm.people.edsger, forgetful('task_owner'))).toBeGreaterThan(0)
    })

    test('a list asks for the memberships once, and still reads the newest from the index', async () => {
      const plan = statement<{ 'QUERY PLAN': string }, { organizationId: number }>(`
        EXPLAIN SELECT id FROM task WHERE organization_id = @organizationId
        ORDER BY updated_at DESC, id DESC LIMIT 50`)
      // As with many rows: here reading all of them would be as cheap.
      const many = ['seqscan', 'bitmapscan', 'sort'].map((way) => statement(`SET LOCAL enable_${way} = off`))
      const rows = await runAs(crm.people.ada, function* () {
        for (const one of many) yield* one.run({})
        return yield* plan.all({ organizationId: crm.organizations.acme })
      })
      const lines = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(lines).toContain('InitPlan')
      expect(lines).not.toContain('SubPlan')
      expect(lines).toMatch(/Index (Only )?Scan Backward using task_recent on task/)
    })
  },
)
