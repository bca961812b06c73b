import { beforeEach, expect, test } from 'vitest'
import { type AdminBench, adminBench, NOW, scriptedIo } from '../helpers/admin.js'

let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
})

const person = (email: string) => bench.store.people.add({ email, name: 'Somebody', at: NOW.getTime() })
const organization = (...args: string[]) => bench.run(['organizations', 'add', ...args])

test.each([
  ['Acme', 'acme'],
  ['Café Zuko & Co.', 'cafe-zuko-co'],
  ['  24/7 Support  ', '24-7-support'],
])('organizations add makes the slug of %s', async (name, slug) => {
  expect(await organization(name)).toBe(`Added "${name.trim()}" as ${slug} (id 1).`)
  expect(await bench.store.organizations.findBySlug(slug)).toMatchObject({ name: name.trim() })
})

test('organizations add takes a slug', async () => {
  await organization('Acme Trading', '--slug', 'acme')
  expect(await bench.store.organizations.findBySlug('acme')).toMatchObject({ name: 'Acme Trading' })
})

test('organizations add, run twice, changes nothing', async () => {
  await organization('Acme')
  expect(await organization('Acme')).toBe('Nothing changed: there is "Acme" as acme (id 1) already.')
  expect(await bench.store.organizations.list()).toHaveLength(1)
})

test("organizations add refuses another organization's slug", async () => {
  await organization('Acme')
  expect(await bench.refusal(['organizations', 'add', 'Acme!'])).toMatchObject({
    code: 'FAILED',
    message: 'The slug "acme" belongs to the organization "Acme".',
  })
})

test.each([
  ['東京', []],
  ['   ', []],
  ['x'.repeat(101), []],
  ['Acme', ['--slug', 'Not A Slug']],
  ['Acme', ['--slug', 'a--b']],
  ['Acme', ['--slug', 'x'.repeat(51)]],
])('organizations add refuses the name %j with %j', async (name, more) => {
  expect((await bench.refusal(['organizations', 'add', name, ...more])).code).toBe('USAGE')
  expect(await bench.store.organizations.list()).toEqual([])
})

test('organizations list counts members and tasks of each', async () => {
  await organization('Acme')
  await organization('Birch')
  const ada = await person('ada@example.com')
  await bench.run(['members', 'add', 'ada@example.com', 'birch'])
  const task = {
    title: 'One',
    description: null,
    status: 'TODO',
    assignee: null,
    parentTaskId: null,
  } as const
  const actor = { userId: ada.id, clientId: 'test', requestId: 'test', at: NOW.getTime() }
  await bench.store.tasks.create(actor, { ...task, organizationId: 2 })
  await bench.store.tasks.create(actor, { ...task, organizationId: 2 })
  expect(await bench.json(['organizations', 'list', '--json'])).toEqual([
    { id: 1, name: 'Acme', slug: 'acme', members: 0, tasks: 0 },
    { id: 2, name: 'Birch', slug: 'birch', members: 1, tasks: 2 },
  ])
  expect((await bench.run(['organizations', 'list'])).split('\n')).toEqual([
    'ID  SLUG   NAME   MEMBERS  TASKS',
    '1   acme   Acme   0        0',
    '2   birch  Birch  1        2',
  ])
})

test('members add makes a member, and a role when one is named', async () => {
  await organization('Acme')
  await person('ada@example.com')
  await person('jo@example.com')
  expect(await bench.run(['members', 'add', 'ada@example.com', 'acme', '--role', 'owner'])).toBe(
    'ada@example.com is owner of acme now.',
  )
  expect(await bench.run(['members', 'add', 'jo@example.com', 'acme'])).toBe(
    'jo@example.com is member of acme now.',
  )
})

test('members add leaves an existing role as it is, and says so', async () => {
  await organization('Acme')
  await person('ada@example.com')
  await bench.run(['members', 'add', 'ada@example.com', 'acme', '--role', 'owner'])
  expect(await bench.run(['members', 'add', 'ada@example.com', 'acme', '--role', 'member'])).toBe(
    'Nothing changed: ada@example.com is owner of acme already.',
  )
})

test('members add refuses an unknown slug and names the nearest', async () => {
  await organization('Acme')
  await person('ada@example.com')
  expect(await bench.refusal(['members', 'add', 'ada@example.com', 'acne'])).toMatchObject({
    code: 'FAILED',
    message: 'No organization has the slug "acne".',
    fix: 'use "acme", or see "zuko-mcp admin organizations list"',
  })
})

test('members add refuses an unknown role and names the known ones', async () => {
  const error = await bench.refusal(['members', 'add', 'ada@example.com', 'acme', '--role', 'boss'])
  expect(error.code).toBe('USAGE')
  expect(error.message).toContain('owner, admin, member')
})

test('members list shows one organization or all', async () => {
  await organization('Acme')
  await organization('Birch')
  await person('ada@example.com')
  await bench.run(['members', 'add', 'ada@example.com', 'acme'])
  await bench.run(['members', 'add', 'ada@example.com', 'birch', '--role', 'admin'])
  expect((await bench.run(['members', 'list', 'birch'])).split('\n')).toEqual([
    'ORGANIZATION  EMAIL            NAME      ROLE',
    'birch         ada@example.com  Somebody  admin',
  ])
  const rows = await bench.json(['members', 'list', '--json'])
  expect(rows.map((row: { organizationSlug: string }) => row.organizationSlug)).toEqual(['acme', 'birch'])
})

test('members list refuses an unknown slug', async () => {
  expect((await bench.refusal(['members', 'list', 'acme'])).fix).toBe(
    'see "zuko-mcp admin organizations list"',
  )
})

test('members list says how to begin when there is nobody', async () => {
  const terminal = scriptedIo()
  await bench.run(['members', 'list'], terminal)
  expect(terminal.err.join()).toContain('zuko-mcp admin members add EMAIL SLUG')
})
