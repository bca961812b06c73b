import { beforeEach, describe, expect, test } from 'vitest'
import { TOOLS } from '../../src/tools/index.js'
import { type AdminBench, adminBench, scriptedIo } from '../helpers/admin.js'
import { CANARY, type Crm, seedCrm } from '../helpers/store.js'

let bench: AdminBench
let crm: Crm
beforeEach(async () => {
  bench = await adminBench()
  crm = await seedCrm(bench.store)
})

const call = (...args: string[]) => bench.run(['call', ...args, '--as', 'ada@example.com'])
const refused = (...args: string[]) => bench.refusal(['call', ...args, '--as', 'ada@example.com'])

describe('call', () => {
  test('prints what a host that shows only text would get', async () => {
    const rows = JSON.parse(await call('list_tasks')) as { title: string }[]
    expect(rows.map(({ title }) => title)).toEqual(['Ask legal', 'Renew contract'])
    expect(JSON.stringify(rows)).not.toContain(CANARY)
  })

  test('--json prints the whole result', async () => {
    const result = JSON.parse(await call('list_organizations', '--json'))
    expect(result.structuredContent).toEqual({
      organizations: [{ id: crm.organizations.acme, name: 'Acme', slug: 'acme', role: 'member' }],
    })
    expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent.organizations)
  })

  test('takes a tool by its name with hyphens too', async () => {
    expect(await call('get-task', '--task-id', String(crm.tasks.acme))).toContain('Renew contract')
  })

  test.each([
    ['42', 42],
    ['{"a":[1,-0]}', { a: [1, 0] }],
    ['Call them', 'Call them'],
    ['null', null],
  ])('reads the description %s as JSON where it is JSON, else as text', async (text, value) => {
    const task = JSON.parse(await call('create_task', '--title', 'Neu', '--description', text))
    expect(task.description).toEqual(value)
  })

  test('null clears an assignee and a time', async () => {
    const id = String(crm.tasks.acme)
    await call('update_task', '--task-id', id, '--assignee', 'me', '--completed-at', '2026-01-31T17:00:00Z')
    const cleared = await call('update_task', '--task-id', id, '--assignee', 'null', '--completed-at', 'null')
    expect(JSON.parse(cleared)).toMatchObject({ assignee: null, completedAt: null, noop: false })
  })

  test('leaves in the audit who it was, and that it came from the terminal', async () => {
    await call('update_task', '--task-id', String(crm.tasks.acme), '--status', 'DONE')
    const [entry] = await bench.store.audit.list({ limit: 1 })
    expect(entry).toMatchObject({ userId: crm.people.ada, clientId: 'zuko-mcp-admin', action: 'update' })
  })

  test('fails with the words of an answer that is an error', async () => {
    const error = await refused('get_task', '--task-id', String(crm.tasks.initech))
    expect(error).toMatchObject({
      code: 'FAILED',
      message:
        'NOT_FOUND: None of your organizations has a task with this id. Fix: find the id with list_tasks.',
    })
  })

  test('--json prints an answer that is an error, and fails', async () => {
    const terminal = scriptedIo()
    const args = ['call', 'get_task', '--task-id', '9999', '--json', '--as', 'ada@example.com']
    await bench.refusal(args, terminal)
    expect(JSON.parse(terminal.out.join(''))).toMatchObject({ isError: true })
  })

  test('refuses a disabled account, as the endpoint does', async () => {
    await bench.run(['users', 'disable', 'ada@example.com'])
    expect((await refused('list_tasks')).message).toBe('The account ada@example.com is disabled.')
  })

  test.each([
    ['a missing argument', ['get_task'], "Required option '--task-id <integer>' not specified."],
    ['a word for a number', ['get_task', '--task-id', 'x'], 'It must be an integer.'],
    ['an unknown choice', ['list_tasks', '--status', 'DOING'], 'Allowed choices are TODO, IN_PROGRESS'],
  ])('refuses %s as wrong usage', async (_, args, words) => {
    const error = await refused(...args)
    expect(error).toMatchObject({ code: 'USAGE' })
    expect(error.message).toContain(words)
  })

  test.each(TOOLS.map((tool) => [tool.name, tool] as const))(
    'the help of %s names every argument, its choices and its words',
    async (name, tool) => {
      const help = await bench.help(['call', name])
      for (const [argument, schema] of Object.entries(tool.definition.inputSchema.properties ?? {})) {
        const flag = argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
        expect(help).toContain(`--${flag} <`)
        for (const choice of schema.enum ?? []) expect(help).toContain(choice)
        expect(help.replace(/\s+/g, ' ')).toContain(schema.description)
      }
    },
  )
})
