import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { parseInput, runCall, type Tool, toolByName } from '../../src/tools/index.js'
import { repair } from '../../src/tools/repair.js'
import { spelledJson } from '../../src/tools/spelled.js'
import { type Crm, callTool, contextOf, memoryStore, seedCrm } from '../helpers/store.js'

const named = (name: string) => toolByName(name) as Tool
const read = (name: string, args: unknown) => parseInput(named(name), repair(named(name), args).args)

describe('what hosts mangle is repaired and told', () => {
  const rows: [string, unknown, unknown, string][] = [
    ['get_task', { taskId: '12' }, { taskId: 12 }, 'taskId was given as "12" and read as 12.'],
    ['list_tasks', { status: 'in progress' }, { status: 'IN_PROGRESS' }, 'read as "IN_PROGRESS".'],
    ['list_tasks', { status: null }, {}, 'status was given as null and read as not given.'],
    [
      'list_tasks',
      { organization_id: 1 },
      { organizationId: 1 },
      '"organization_id" was read as organizationId.',
    ],
    ['get_task', { input: { taskId: 1 } }, { taskId: 1 }, 'The arguments were inside "input".'],
    ['update_task', { taskId: 1, assignee: 'null' }, { taskId: 1, assignee: null }, 'read as null.'],
  ]
  test.each(rows)('%s %j', (name, args, meant, told) => {
    expect(read(name, args)).toEqual(parseInput(named(name), meant))
    expect(
      repair(named(name), args)
        .repairs.map((one) => one.told)
        .join(' '),
    ).toContain(told)
  })
})

describe('what could mean two things is left as it came', () => {
  const rows: [string, Record<string, unknown>][] = [
    ['get_task', { taskId: '007' }],
    ['get_task', { taskId: '12.5' }],
    ['get_task', { taskId: '-1' }],
    ['get_task', { taskId: '#12' }],
    ['get_task', { taskId: true }],
    ['get_task', { taskId: null }],
    ['get_task', { taskId: 1, task_id: 2 }],
    ['list_tasks', { status: 'completed' }],
    ['create_task', { title: 7 }],
    ['create_task', { title: 'null' }],
    ['create_task', { title: 'T', description: '' }],
    ['create_task', { title: 'T', description: 'null' }],
    ['create_task', { title: 'T', description: '12' }],
    ['create_task', { title: 'T', description: 'true' }],
    ['create_task', { title: 'T', description: '"quoted"' }],
    ['create_task', { title: 'T', description: null }],
    ['update_task', { taskId: 1, title: null, description: null }],
    ['update_task', { taskId: 1, assignee: '' }],
    ['update_task', { taskId: 1, completedAt: '2026-01-31' }],
    ['update_task', { taskId: 1, completedAt: '2026-01-31 17:00' }],
    ['update_task', { input: { taskId: 1, colour: 'red' } }],
    ['update_task', { taskId: 1, changes: { status: 'DONE' } }],
  ]
  test.each(rows)('%s %j', (name, args) => {
    expect(repair(named(name), args)).toEqual({ args, repairs: [] })
  })
})

describe('a text that spells JSON', () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    [' {\n  "a": [1, 2.5, -3, true, null]\n} ', { a: [1, 2.5, -3, true, null] }],
    ['{"\\u00e9": "\\ud83d\\ude00 \\/ \\n"}', { é: '😀 / \n' }],
    ['[]', []],
    ['[" a  b "]', [' a  b ']],
  ])('%j is the value', (text, value) => {
    expect(spelledJson(text)).toEqual(value)
  })

  test.each([
    '{"a":1,"a":2}',
    '{"n":12345678901234567890}',
    '[1e400]',
    '[-0]',
    '[1.0]',
    '{"b":1,"2":1,"1":1}',
    '{"a":1} as an example',
    '```json\n{"a":1}\n```',
    '{a:1}',
    '[ ] Call Acme',
    '["\\',
    '[',
    '{}x',
    '['.repeat(60_000) + ']'.repeat(60_000),
  ])('%j stays text: something of it would be lost, or it is no JSON', (text) => {
    expect(spelledJson(text)).toBeUndefined()
  })
})

describe('in a task', () => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    store = await memoryStore()
    crm = await seedCrm(store)
    return () => store.close()
  })
  const call = (name: string, args: unknown) => runCall(named(name), args, contextOf(store, crm.people.ada))

  test('a text that spells an object is stored as that object, and the note says how to keep text', async () => {
    const answer = await call('create_task', { title: 'T', description: '{"a":1}' })
    expect(answer).toMatchObject({ description: { a: 1 } })
    expect(answer.note).toContain('text in a Markdown code fence stays text')
  })

  test('a text passed back exactly as it is stored stays text, and nothing is told', async () => {
    const { id: taskId } = await callTool(store, crm.people.ada, 'create_task', {
      title: 'T',
      description: '{"a":1}',
    })
    const answer = await call('update_task', { taskId, title: 'U', description: '{"a":1}' })
    expect(answer).toMatchObject({ description: '{"a":1}', changed: { title: { from: 'T', to: 'U' } } })
    expect(answer).not.toHaveProperty('note')
  })

  test('a retry finds its task again, however a host has spelled it', async () => {
    const meant = {
      title: 'T',
      organizationId: crm.organizations.acme,
      description: { a: [1] },
      idempotencyKey: 'k',
    }
    const { id } = await call('create_task', meant)
    const spelled = { ...meant, organizationId: String(meant.organizationId), description: '{"a": [1]}' }
    expect(await call('create_task', spelled)).toMatchObject({ id, replayed: true })
  })

  test('the note of a repair follows the note of the tool', async () => {
    const answer = await call('update_task', { taskId: String(crm.tasks.acme), assignee: 'Front desk' })
    expect(answer.note).toMatch(/names no member.* taskId was given as "\d+" and read as \d+\.$/)
  })

  test('our own programs are taken at their word', async () => {
    const answer = await callTool(store, crm.people.ada, 'create_task', {
      title: 'T',
      description: '{"a":1}',
    })
    expect(answer.description).toBe('{"a":1}')
    await expect(callTool(store, crm.people.ada, 'get_task', { taskId: '1' })).rejects.toThrow(
      'taskId is "1"',
    )
  })
})
