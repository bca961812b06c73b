import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type AdminBench, adminBench } from '../helpers/admin.js'
import { CRM } from '../helpers/crm-file.js'
import { temporaryFolder } from '../helpers/folder.js'

const { at, file, remove } = temporaryFolder()
afterAll(remove)

let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
})

const json = (name: string, value: unknown) => file(name, JSON.stringify(value, null, 1))
const seed = (path: string, ...flags: string[]) => bench.run(['seed', path, ...flags])
const counts = async () => ({
  people: (await bench.store.people.list()).length,
  organizations: await bench.store.organizations.list(),
  changes: (await bench.store.audit.list({ limit: 9 })).length,
})

describe('seed FILE', () => {
  test('adds people, organizations, memberships and tasks with all that they have', async () => {
    expect(await seed(json('crm.json', CRM))).toBe('Added 2 users, 1 organization, 2 memberships, 2 tasks.')
    const ada = await bench.store.people.findByEmail('ada@example.com')
    const { tasks } = await bench.store.tasks.list({ userId: ada?.id ?? 0, limit: 9 })
    const done = tasks.find(({ status }) => status === 'DONE')
    expect(await bench.store.tasks.get(ada?.id ?? 0, done?.id ?? 0)).toMatchObject({
      title: 'Renew contract',
      description: { a: [1] },
      assignee: 'ada@example.com',
      createdBy: { email: 'ada@example.com' },
      owners: [{ email: 'grace@example.com' }, { email: 'ada@example.com' }],
      subtasks: [{ title: 'Ask legal' }],
      createdAt: Date.UTC(2026, 0, 1, 9),
      updatedAt: Date.UTC(2026, 0, 2),
      completedAt: Date.UTC(2026, 0, 2),
    })
    expect(await bench.store.organizations.listFor(ada?.id ?? 0)).toMatchObject([{ role: 'owner' }])
    expect(await bench.store.people.findByEmail('grace@example.com')).toMatchObject({ name: 'grace' })
  })

  test('leaves in the audit that the terminal created the tasks', async () => {
    await seed(json('crm.json', CRM))
    const created = { userId: 0, clientId: 'zuko-mcp-admin', action: 'create' }
    expect(await bench.store.audit.list({ limit: 9 })).toMatchObject([created, created])
    expect((await bench.store.audit.verify()).broken).toBeUndefined()
  })

  test('run twice, changes nothing', async () => {
    await seed(json('crm.json', CRM))
    const before = await counts()
    expect(await seed(at('crm.json'))).toBe(
      'Nothing changed. There already: 2 users, 1 organization, 2 memberships, 2 tasks.',
    )
    expect(await counts()).toEqual(before)
  })

  test('adds only what is new, below what is there', async () => {
    await seed(json('crm.json', CRM))
    const more = [...CRM.tasks, { organization: 'acme', title: 'Third', parent: 7 }]
    expect(await seed(json('more.json', { tasks: more }))).toBe('Added 1 task. There already: 2 tasks.')
    const ada = await bench.store.people.findByEmail('ada@example.com')
    const parent = await bench.store.tasks.get(ada?.id ?? 0, 1)
    expect(parent?.subtasks.map(({ title }) => title)).toEqual(['Ask legal', 'Third'])
  })

  test('two equal tasks are two tasks', async () => {
    const task = { organization: 'acme', title: 'Call' }
    const path = json('equal.json', { organizations: CRM.organizations, tasks: [task, task] })
    expect(await seed(path)).toBe('Added 1 organization, 2 tasks.')
    expect(await seed(path)).toBe('Nothing changed. There already: 1 organization, 2 tasks.')
  })

  test('--dry-run says what it would add, and changes nothing', async () => {
    expect(await seed(json('crm.json', CRM), '--dry-run')).toBe(
      'Would add 2 users, 1 organization, 2 memberships, 2 tasks.',
    )
    expect(await counts()).toEqual({ people: 0, organizations: [], changes: 0 })
  })

  test('nobody gets a password', async () => {
    await seed(json('crm.json', CRM))
    expect(await bench.store.people.passwordHash(1)).toBeUndefined()
  })
})

describe('seed FILE reads', () => {
  const lines = [
    { type: 'organization', slug: 'acme', name: 'Acme' },
    { type: 'task', organization: 'acme', title: 'Ünïcode ☕' },
  ].map((line) => JSON.stringify(line))
  const header = 'organization,title,id,parent,description'
  const rows = [header, 'acme,"Two\nlines, ""quoted""",1,,', 'acme,Below,,1,text', '']

  test.each([
    ['NDJSON', 'a.ndjson', lines.join('\n')],
    ['NDJSON with CRLF, empty lines and a byte order mark', 'b.jsonl', `\ufeff${lines.join('\r\n\r\n')}\r\n`],
  ])('%s', async (_, name, content) => {
    expect(await seed(file(name, content))).toBe('Added 1 organization, 1 task.')
    expect((await bench.store.audit.list({ limit: 1 }))[0]?.changes.title?.to).toBe('Ünïcode ☕')
  })

  test('JSON with CRLF and a byte order mark', async () => {
    const text = `\ufeff${JSON.stringify(CRM, null, 2).replaceAll('\n', '\r\n')}`
    expect(await seed(file('c.json', text))).toContain('Added 2 users')
  })

  test.each([
    ['CSV', rows.join('\n')],
    ['CSV with CRLF and a byte order mark', `\ufeff${rows.join('\r\n')}`],
  ])('%s', async (_, content) => {
    await seed(json('o.json', { organizations: CRM.organizations }))
    expect(await seed(file('d.csv', content))).toBe('Added 2 tasks.')
    const [below, above] = await bench.store.audit.list({ limit: 2 })
    expect(above?.changes.title?.to).toBe('Two\nlines, "quoted"')
    expect(below?.changes).toMatchObject({ description: { to: 'text' }, parentTaskId: { to: 1 } })
  })

  test('what the schema says, and the schema is one of JSON Schema 2020-12', async () => {
    const schema = await bench.json(['seed', '--schema'])
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
    expect(Object.keys(schema.properties)).toEqual(['users', 'organizations', 'members', 'tasks'])
    const read = z.fromJSONSchema(schema)
    const plain = { ...CRM, users: [{ email: 'ada@example.com', name: 'Ada' }] }
    expect(read.safeParse(plain).success).toBe(true)
    expect(read.safeParse({ ...plain, tasks: [{ organization: 'acme' }] }).success).toBe(false)
    expect(read.safeParse({ ...plain, tasks: [{ ...CRM.tasks[1], status: 'DOING' }] }).success).toBe(false)
  })
})
