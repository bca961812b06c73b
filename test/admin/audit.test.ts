import SQLite from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench, scriptedIo } from '../helpers/admin.js'
import { temporaryFolder } from '../helpers/folder.js'
import { addTask, type Crm, callTool, newTask, seedCrm } from '../helpers/store.js'

const files = temporaryFolder()
afterAll(files.remove)

let bench: AdminBench
let crm: Crm
beforeEach(async () => {
  bench = await adminBench()
  crm = await seedCrm(bench.store)
})

const update = (args: Record<string, unknown>, as = crm.people.ada) =>
  callTool(bench.store, as, 'update_task', { taskId: crm.tasks.acme, ...args }, Date.UTC(2026, 1, 1))
const last = async () => (await bench.store.audit.list({ limit: 1 }))[0]?.id ?? 0
const undo = (change: number) => bench.run(['audit', 'undo', String(change)])
const taskNow = () => bench.store.tasks.get(crm.people.ada, crm.tasks.acme)

describe('audit list', () => {
  test('says who changed what through which client, newest first', async () => {
    await update({ status: 'DONE', completedAt: '2026-01-31T17:00:00Z' })
    const lines = (await bench.run(['audit', 'list', '--task', String(crm.tasks.acme)])).split('\n')
    expect(lines[1]).toMatch(
      /^6 +2026-02-01 00:00 +ada@example.com +test-client +1 +status TODO → DONE, completedAt 2026-01-31 17:00$/,
    )
    expect(lines[2]).toMatch(/^1 .*created: title Renew contract, status TODO$/)
    expect(lines).toHaveLength(3)
  })

  test('--json gives whole values, --user one person, --limit so many', async () => {
    const title = 'A title that is much too long for one column of a table on a terminal'
    await update({ title }, crm.people.grace)
    const rows = await bench.json(['audit', 'list', '--json', '--user', 'grace@example.com', '--limit', '1'])
    expect(rows).toMatchObject([{ user: 'grace@example.com', changes: { title: { to: title } } }])
  })

  test('names what was done at the terminal, and by an account that is gone', async () => {
    await update({ status: 'DONE' }, crm.people.grace)
    await undo(await last())
    await bench.run(['users', 'remove', 'grace@example.com', '--yes'])
    const out = await bench.run(['audit', 'list', '--limit', '2'])
    expect(out).toContain('operator')
    expect(out).toContain(`removed account ${crm.people.grace}`)
    expect(await bench.json(['audit', 'list', '--json', '--user', 'operator'])).toHaveLength(1)
  })

  test('refuses an unknown account and names the nearest', async () => {
    const error = await bench.refusal(['audit', 'list', '--user', 'adda@example.com'])
    expect(error.fix).toContain('"ada@example.com"')
  })
})

describe('audit verify', () => {
  test('says that all is as it was written', async () => {
    expect(await bench.run(['audit', 'verify'])).toBe('All 5 changes of the audit are as they were written.')
  })

  /** What the proof says of the fixture after somebody wrote to the file past the store. */
  async function afterTampering(sql: string, args: string[] = []) {
    const path = files.at(`${Math.random()}.db`)
    const own = await adminBench({ DATABASE_URL: `file:${path}` })
    await seedCrm(own.store)
    const sqlite = new SQLite(path)
    sqlite.exec(sql)
    sqlite.close()
    const terminal = scriptedIo()
    const error = await own.refusal(['audit', 'verify', ...args], terminal)
    await own.store.close()
    return { message: error.message, fix: error.fix, out: terminal.out.join('\n') }
  }

  test('names a change that was altered', async () => {
    const { message, fix } = await afterTampering('UPDATE audit SET user_id = 9 WHERE id = 3')
    expect(message).toBe('Change 3 of the audit was altered. 4 changes before such a place are sound.')
    expect(fix).toContain('admin backup')
  })

  test('names the place of a change that was removed, and the organization', async () => {
    const { message } = await afterTampering('DELETE FROM audit WHERE organization_id = 1 AND position = 1')
    expect(message).toContain('Change number 1 of organization 1 was removed.')
  })

  test('names an organization whose noted end was taken away', async () => {
    const { message } = await afterTampering('DELETE FROM audit_head WHERE organization_id = 2')
    expect(message).toContain('The audit of organization 2 does not end where its end was noted.')
  })

  test('says that changes were missing already before there was a chain for each organization', async () => {
    const { message } = await afterTampering(`INSERT INTO audit_head VALUES (0, 3, '')`)
    expect(message).toContain('Changes from before each organization had its own chain are missing.')
  })

  test('names five organizations, and counts the rest', async () => {
    const heads = [11, 12, 13, 14, 15, 16, 17].map((id) => `(${id}, 1, '')`)
    const { message } = await afterTampering(`INSERT INTO audit_head VALUES ${heads}`)
    expect(message.match(/was removed/g)).toHaveLength(5)
    expect(message).toContain('So it is with 2 more organizations.')
  })

  test('--json names the first place of each organization', async () => {
    const { out } = await afterTampering('DELETE FROM audit WHERE position = 2', ['--json'])
    expect(JSON.parse(out)).toEqual({
      sound: false,
      rows: 3,
      broken: [
        { organizationId: 1, position: 2, what: 'removed' },
        { organizationId: 3, position: 2, what: 'removed' },
      ],
    })
  })
})

describe('audit undo', () => {
  test('gives every field of a change its value back, as a change of its own', async () => {
    const before = await taskNow()
    await update({
      title: 'Other',
      description: { a: 1 },
      assignee: 'me',
      completedAt: '2026-01-31T17:00:00Z',
    })
    const change = await last()
    expect(await undo(change)).toBe(
      `Undid change ${change}: title, description, assignee, completedAt of task ${crm.tasks.acme} is as before.`,
    )
    const after = await taskNow()
    expect(after).toEqual({ ...before, updatedAt: after?.updatedAt })
    expect(after?.updatedAt).toBeGreaterThan(before?.updatedAt ?? 0)
    const [undone] = await bench.store.audit.list({ limit: 1 })
    expect(undone).toMatchObject({ userId: 0, clientId: 'zuko-mcp-admin', action: 'update' })
    expect(Object.keys(undone?.changes ?? {}).sort()).toEqual([
      'assignee',
      'completedAt',
      'description',
      'title',
    ])
  })

  test('run twice, changes nothing', async () => {
    await update({ status: 'DONE' })
    const change = await last()
    await undo(change)
    expect(await undo(change)).toBe(`Nothing changed: change ${change} of task 1 is undone already.`)
    expect(await last()).toBe(change + 1)
  })

  test('an undoing can be undone', async () => {
    await update({ status: 'DONE' })
    await undo(await last())
    await undo(await last())
    expect(await taskNow()).toMatchObject({ status: 'DONE' })
  })

  test('refuses when a field was changed again since, and writes nothing', async () => {
    await update({ status: 'DONE' })
    const change = await last()
    await update({ status: 'CANCELLED' })
    const error = await bench.refusal(['audit', 'undo', String(change)])
    expect(error.message).toBe(`Task 1 has moved on since change ${change}: status changed again.`)
    expect(await taskNow()).toMatchObject({ status: 'CANCELLED' })
  })

  test('leaves alone what other changes did to other fields', async () => {
    await update({ status: 'DONE' })
    const change = await last()
    await update({ title: 'Newer' })
    await undo(change)
    expect(await taskNow()).toMatchObject({ status: 'TODO', title: 'Newer' })
  })

  test('gives back an assignee that names no member, as it stood', async () => {
    const outside = newTask(crm.organizations.acme, { assignee: 'Sam Lee' })
    const task = await addTask(bench.store, crm.people.ada, outside)
    await callTool(bench.store, crm.people.ada, 'update_task', { taskId: task.id, assignee: null })
    await undo(await last())
    expect(await bench.store.tasks.get(crm.people.ada, task.id)).toMatchObject({ assignee: 'Sam Lee' })
  })

  test('refuses a creation', async () => {
    const error = await bench.refusal(['audit', 'undo', '1'])
    expect(error.message).toBe(`Change 1 created task ${crm.tasks.acme}; a task cannot be uncreated.`)
  })

  test('refuses a change that the audit does not have', async () => {
    expect((await bench.refusal(['audit', 'undo', '999'])).message).toBe('The audit has no change 999.')
  })

  test('refuses a change of a task that is gone', async () => {
    await update({ status: 'DONE' })
    const change = await last()
    await bench.run(['organizations', 'remove', 'acme', '--yes'])
    expect((await bench.refusal(['audit', 'undo', String(change)])).message).toContain('is gone')
  })
})
