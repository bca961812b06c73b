import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toErrorResult, toResult } from '../../src/mcp.js'
import type { OpenStore } from '../../src/store/open.js'
import { runCall, TOOLS, type Tool, toolByName } from '../../src/tools/index.js'
import { rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { ARGUMENT_LENSES, RESULT_LENSES, type Result, toGemini } from '../helpers/lenses.js'
import { type Crm, contextOf, memoryStore, newTask, seedCrm } from '../helpers/store.js'

const named = (name: string) => toolByName(name) as Tool
const TEXT = { type: 'doc', content: [{ type: 'text', text: 'Grüße\n"quoted" \\n' }] }

let store: OpenStore
let crm: Crm
beforeAll(async () => {
  store = await memoryStore()
  crm = await seedCrm(store)
  for (let index = 0; index < 60; index += 1) {
    await store.tasks.create(
      { userId: crm.people.grace, clientId: 'c', requestId: 'r', at: 1_800_000_000_000 + index },
      newTask(crm.organizations.globex, { title: `Call ${index}` }),
    )
  }
})
afterAll(() => store.close())

const call = (name: string, args: unknown) => runCall(named(name), args, contextOf(store, crm.people.grace))

/** Every value that stands at the end of a path of a JSON value, as a model reads it in JSON. */
const leaves = (value: unknown): string[] =>
  value !== null && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [JSON.stringify(value)]

/** Calls whose answers together hold every field that a result can have. */
const golden: [string, () => Record<string, unknown>][] = [
  ['list_organizations', () => ({})],
  ['list_tasks', () => ({ organizationId: crm.organizations.acme })],
  ['list_tasks', () => ({})],
  ['get_task', () => ({ taskId: crm.tasks.acme })],
  ['get_task', () => ({ taskId: String(crm.tasks.acmeChild) })],
  ['create_task', () => ({ organizationId: 1, title: 'Call', description: TEXT, idempotencyKey: 'k' })],
  ['create_task', () => ({ organizationId: 1, title: 'Call', description: TEXT, idempotencyKey: 'k' })],
  ['update_task', () => ({ taskId: crm.tasks.globex, description: TEXT, assignee: 'Front desk' })],
  ['update_task', () => ({ taskId: crm.tasks.globex, status: 'done', completedAt: '2026-01-31 17:00:00Z' })],
]

const wrong: [string, () => Record<string, unknown>, string][] = [
  ['get_task', () => ({ taskId: 999 }), 'NOT_FOUND'],
  ['get_task', () => ({ taskId: 'x' }), 'INVALID_ARGUMENT'],
  ['create_task', () => ({ title: 'A' }), 'ORGANIZATION_REQUIRED'],
  ['create_task', () => ({ organizationId: 1, title: 'A', assignee: 'Sam Lee' }), 'AMBIGUOUS_ASSIGNEE'],
  ['create_task', () => ({ organizationId: 1, title: 'B', idempotencyKey: 'k' }), 'IDEMPOTENCY_MISMATCH'],
  [
    'update_task',
    () => ({ taskId: crm.tasks.acme, title: 'A', expectedUpdatedAt: '2020-01-01T00:00:00Z' }),
    'CONFLICT',
  ],
]

describe.each(Object.entries(RESULT_LENSES))('a host that passes on %s', (_host, lens) => {
  test.each(golden)('shows all of %s', async (name, args) => {
    const value = await call(name, args())
    const seen = lens(toResult(named(name), value) as Result)
    for (const leaf of leaves(
      JSON.parse(JSON.stringify({ ...value, note: undefined, nextCursor: undefined })),
    ))
      expect(seen).toContain(leaf)
    for (const word of [value.note, value.nextCursor]) if (word) expect(unescaped(seen)).toContain(word)
  })

  test.each(wrong)('shows of a refused %s the code and what to do', async (name, args, code) => {
    const cause = await call(name, args()).catch((error: unknown) => error)
    const seen = lens(toErrorResult(cause, 'r') as Result)
    expect(seen).toMatch(new RegExp(`^${code}: .+\\. Fix: .+\\.`, 's'))
  })
})

/** A note stands in JSON with its quotes escaped, in a text without. */
const unescaped = (text: string) => text.replaceAll('\\"', '"').replaceAll('\\\\', '\\')

test.each(TOOLS.map(({ name, definition }) => [name, definition.inputSchema] as const))(
  '%s can be declared to Gemini, with every argument',
  (_name, schema) => {
    const declared = toGemini(schema)
    expect(Object.keys(declared.properties ?? {})).toEqual(Object.keys(schema.properties as object))
  },
)

describe('what the lens of Gemini refuses', () => {
  test.each([
    [{ type: 'object', properties: { a: {} } }, 'input.a has no type'],
    [{ type: 'object', properties: { a: { type: ['string', 'null'] } } }, 'an array of types'],
    [{ type: 'object', properties: { a: { type: 'array' } } }, 'without items'],
    [{ type: 'object', $defs: {} }, 'input has $defs'],
  ])('%j', (schema, problem) => {
    expect(() => toGemini(schema)).toThrow(problem)
  })
})

describe.each(Object.entries(ARGUMENT_LENSES))('a host that sends %s', (host, lens) => {
  let served: TestEndpoint
  beforeAll(async () => {
    served = await startEndpoint()
  })
  afterAll(() => served.close())

  const properties = (name: string) => Object.keys(named(name).definition.inputSchema.properties as object)
  const ask = async (name: string, args: unknown) =>
    (await served.ask(rpc('legacy', 'tools/call', { name, arguments: args }))).json().result

  test('creates the task that was meant, and the answer tells each repair', async () => {
    const meant = { title: 'Call Acme', organizationId: 1, status: 'IN_PROGRESS', description: TEXT }
    const { structuredContent: task } = await ask('create_task', lens(meant, properties('create_task')))
    expect(task).toMatchObject({
      title: 'Call Acme',
      status: 'IN_PROGRESS',
      description: TEXT,
      organization: { id: 1 },
    })
    expect(task.note).toMatch(/ read as |is stored as that object|were inside/)
  })

  test('lists what was meant', async () => {
    const meant = { status: 'IN_PROGRESS', organizationId: 1 }
    const { structuredContent } = await ask('list_tasks', lens(meant, properties('list_tasks')))
    expect(structuredContent.tasks).toMatchObject([{ title: 'Call Acme' }])
  })

  test('changes nothing that was not meant', async () => {
    const { structuredContent: made } = await ask('create_task', {
      title: 'T',
      description: 'kept',
      assignee: 'me',
    })
    const sent = lens({ taskId: made.id, status: 'DONE' }, properties('update_task'))
    const result = await ask('update_task', sent)
    const { structuredContent: now } = await ask('get_task', { taskId: made.id })
    expect(now).toMatchObject({ description: 'kept', assignee: 'ada@example.com' })
    if (host.startsWith('null')) expect(result.content[0].text).toContain('leave "title" out to keep it')
    else expect(now.status).toBe('DONE')
  })
})
