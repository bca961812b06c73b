import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOOLS } from '../../src/tools/index.js'
import { SCOPES, type Scope } from '../../src/tools/scopes.js'
import { ROLES } from '../../src/tools/words.js'
import { startTarget, type Target } from '../helpers/target.js'

/**
 * The whole policy: which scope a tool needs, and that every role of an organization may use it there. A tool
 * without a row here fails.
 */
const POLICY: Record<string, Scope> = {
  list_organizations: 'organizations:read',
  list_tasks: 'tasks:read',
  get_task: 'tasks:read',
  create_task: 'tasks:write',
  update_task: 'tasks:write',
}

/** Every set of scopes: each bit of a number is one. */
const sets = Array.from({ length: 2 ** SCOPES.length }, (_, bits) =>
  SCOPES.filter((_scope, index) => bits & (1 << index)),
)

let target: Target
let organizationId: number
const people: Record<string, number> = {}
let taskId: number
beforeAll(async () => {
  target = await startTarget()
  const { store } = target
  const at = Date.now()
  organizationId = (await store.organizations.add({ name: 'Acme', slug: 'acme', at })).id
  for (const role of [...ROLES, 'stranger'] as const) {
    const { id: userId } = await store.people.add({ name: role, email: `${role}@example.com`, at })
    people[role] = userId
    if (role !== 'stranger') await store.members.add({ userId, organizationId, role, at })
  }
  const token = await target.tokenFor(people.owner ?? 0)
  const created = await target.call(token, 'create_task', { title: 'T', organizationId })
  taskId = created.json().result.structuredContent.id
})
afterAll(() => target.close())

const argsOf = (name: string): object =>
  ({
    get_task: { taskId },
    create_task: { title: 'T', organizationId },
    update_task: { taskId, status: 'DONE' },
  })[name] ?? {}

test('every tool has its row in the policy', () => {
  expect(Object.fromEntries(TOOLS.map(({ name, scope }) => [name, scope]))).toEqual(POLICY)
})

describe.each(sets.map((scopes) => [scopes.join(' ') || 'no scope', scopes] as const))(
  '%s',
  (_name, scopes) => {
    test.each(Object.keys(POLICY))('%s is allowed exactly with its scope', async (name) => {
      const token = await target.tokenFor(people.member ?? 0, scopes)
      const { status } = await target.call(token, name, argsOf(name))
      const needed = POLICY[name]
      expect(status).toBe(needed && scopes.includes(needed) ? 200 : 403)
    })

    test('the list shows exactly what is allowed', async () => {
      const authorization = `Bearer ${await target.tokenFor(people.member ?? 0, scopes)}`
      const headers = { 'content-type': 'application/json', authorization }
      const answer = await target.ask({ headers, body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' })
      const names = answer.json().result.tools.map(({ name }: { name: string }) => name)
      expect(names).toEqual(Object.keys(POLICY).filter((name) => scopes.includes(POLICY[name] as Scope)))
    })
  },
)

describe.each(ROLES)('a person who is %s', (role) => {
  test.each(Object.keys(POLICY))('may use %s', async (name) => {
    const answer = await target.call(await target.tokenFor(people[role] ?? 0), name, argsOf(name))
    expect(answer.json().result.isError).toBeUndefined()
  })
})

test.each(['get_task', 'create_task', 'update_task'])(
  'a person of no organization gets nothing from %s',
  async (name) => {
    const answer = await target.call(await target.tokenFor(people.stranger ?? 0), name, argsOf(name))
    expect(answer.json().result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/^NOT_FOUND/) }],
    })
  },
)

describe('what a caller may not set is an error', () => {
  const OURS = [
    ...['id', 'createdBy', 'created_by', 'createdAt', 'updatedAt', 'userId', 'user_id', 'owners', 'ownerIds'],
    ...['role', 'organization', 'organizationName', 'subtasks', 'parentTask', 'slug', 'clientId'],
    ...['disabledAt', 'scopes', 'caller', 'now', '_meta', 'noop', 'changed', 'replayed'],
  ]
  test.each(OURS)('%s', async (name) => {
    const token = await target.tokenFor(people.owner ?? 0)
    const before = await target.store.tasks.get(people.owner ?? 0, taskId)
    for (const tool of TOOLS) {
      const answer = await target.call(token, tool.name, { ...argsOf(tool.name), [name]: 1 })
      expect(answer.json().result.content[0].text).toContain(`has no argument "${name}"`)
    }
    expect(await target.store.tasks.get(people.owner ?? 0, taskId)).toEqual(before)
  })

  test('nor can a task move to another organization or parent', async () => {
    const token = await target.tokenFor(people.owner ?? 0)
    for (const name of ['organizationId', 'organization_id', 'parentTaskId']) {
      const answer = await target.call(token, 'update_task', { taskId, title: 'X', [name]: 1 })
      expect(answer.json().result.content[0].text).toContain(`has no argument "${name}"`)
    }
  })
})

describe('nothing that depends on who asks may be kept by a cache', () => {
  const ENVELOPE = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  test.each(['tools/list', 'server/discover', 'tools/call'])('%s', async (method) => {
    const params = {
      ...(method === 'tools/call' ? { name: 'list_tasks', arguments: {} } : {}),
      _meta: ENVELOPE,
    }
    const name: Record<string, string> = method === 'tools/call' ? { 'mcp-name': 'list_tasks' } : {}
    const answer = await target.ask({
      headers: {
        ...{ 'content-type': 'application/json', 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
        ...name,
        authorization: `Bearer ${await target.tokenFor(people.owner ?? 0)}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.json().result.cacheScope ?? 'private').toBe('private')
  })
})
