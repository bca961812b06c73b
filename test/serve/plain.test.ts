/** A plain message is answered without the SDK: as the SDK would have answered it, for every message there is. */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { buildServer, servedTools } from '../../src/mcp.js'
import { type Call, createDispatch, type Dispatch } from '../../src/serve/dispatch.js'
import { createInFlight } from '../../src/serve/in-flight.js'
import type { Message } from '../../src/serve/message.js'
import { plainEra } from '../../src/serve/plain.js'
import { createProtocol, type Protocol } from '../../src/serve/protocol.js'
import type { Checked, Reply } from '../../src/serve/reply.js'
import type { OpenStore } from '../../src/store/open.js'
import { TOOLS } from '../../src/tools/index.js'
import { runCall } from '../../src/tools/parse.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { addTask, callerOf, contextOf, memoryStore, newTask, seedCrm, T0 } from '../helpers/store.js'

const META = 'io.modelcontextprotocol'
const RUNS = 800

let store: OpenStore
let ada: number
let ours: Dispatch
let sdk: Protocol
beforeAll(async () => {
  store = await memoryStore()
  const { people, organizations } = await seedCrm(store)
  ada = people.ada
  const odd = ['Zero\u200bwidth', 'Bell\u0007', 'Ünïcode 😀 \\u0041 "quoted"', 'Line\nbreak\ttab', '\\b']
  for (const title of odd)
    await addTask(store, ada, newTask(organizations.acme, { title, description: title }))
  for (let n = 0; n < 60; n++) await addTask(store, ada, newTask(organizations.acme, { title: `Task ${n}` }))
  const log = createLog('error', { write: () => undefined })
  const common = { resource: 'http://localhost:3001/api/mcp', log }
  const version = '1.2.3'
  const now = () => new Date(T0)
  ours = createDispatch({ ...common, tools: TOOLS, store, inFlight: createInFlight(), now, version })
  sdk = createProtocol({
    ...common,
    serverFor: ({ exchange: { requestId } }) =>
      buildServer({
        tools: servedTools(TOOLS),
        call: (tool, args) => runCall(tool, args, contextOf(store, ada)),
        version,
        requestId,
      }),
  })
})
afterAll(async () => {
  await ours.close()
  await sdk.close()
  await store.close()
})

type Fields = Record<string, string>

function callOf(message: Message, headers: Fields): Call {
  const req = Object.assign(new IncomingMessage(new Socket()), { headers, method: 'POST' })
  const principal = { caller: callerOf(ada), scopes: SCOPES }
  const exchange = { requestId: 'request-1', startedAt: 0, id: message.id ?? null, principal }
  return { req, res: new ServerResponse(req), message, exchange }
}

/** What a client sees of an answer; the order of members means nothing in JSON. */
function seen(answered: Checked<Reply>) {
  if ('refusal' in answered) return answered
  const type = new Headers(answered.headers).get('content-type')
  return { status: answered.status, type, json: answered.body && JSON.parse(answered.body) }
}

const one = <T>(usual: T, ...others: unknown[]) =>
  fc.oneof({ weight: 60, arbitrary: fc.constant(usual) }, ...others.map((other) => fc.constant(other)))

const ids = fc.oneof(fc.integer(), fc.string(), fc.constant(undefined))
const args = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(undefined, {}, { taskId: 1 }, { taskId: 6 }, { taskId: 7 }, { taskId: 4 }),
  },
  fc.record(
    { status: fc.constantFrom('TODO', 'DONE', 'todo'), organizationId: fc.integer({ min: 0, max: 4 }) },
    { requiredKeys: [] },
  ),
  fc.constantFrom<unknown>(
    '{"taskId":1}',
    null,
    [],
    3,
    { cursor: 'x' },
    { taskId: 1, title: 'Renew contract' },
  ),
  fc.constant(JSON.parse('{"__proto__":{"taskId":1}}')),
  fc.dictionary(fc.string(), fc.jsonValue()),
)
const envelope = fc.record(
  {
    [`${META}/protocolVersion`]: one('2026-07-28', '2025-11-25', '2099-01-01', 3, null),
    [`${META}/clientCapabilities`]: one(
      {},
      { elicitation: {} },
      { roots: { listChanged: true } },
      { roots: 3 },
      null,
      [],
    ),
    [`${META}/clientInfo`]: one({ name: 'c', version: '1' }, { name: 'c' }, 'c'),
  },
  { requiredKeys: [`${META}/protocolVersion`, `${META}/clientCapabilities`] },
)
const extra = fc.record(
  {
    progressToken: fc.constantFrom<unknown>(1, 'p', 1.5, null, {}),
    traceparent: fc.constantFrom<unknown>('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x', 3),
    [`${META}/logLevel`]: fc.constantFrom<unknown>('debug', 'loud'),
    [`${META}/related-task`]: fc.constantFrom<unknown>({ taskId: '1' }, 3),
    [`${META}/subscriptionId`]: fc.constantFrom<unknown>('s', 3),
    [`${META}/unheardOf`]: fc.jsonValue(),
    'claudecode/toolUseId': fc.jsonValue(),
    odd: fc.jsonValue(),
  },
  { requiredKeys: [] },
)
const rarely = (arbitrary: fc.Arbitrary<object>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary })
const method = one(
  'tools/call',
  'tools/list',
  'tools/list',
  'ping',
  'initialize',
  'server/discover',
  'nothing',
)
const name = fc.constantFrom<unknown>(...TOOLS.map((tool) => tool.name), 'list_tasks', 'none', 3, undefined)
const more = rarely(
  fc.record(
    { cursor: fc.constantFrom<unknown>('x', 3), task: fc.jsonValue(), odd: fc.jsonValue() },
    { requiredKeys: [] },
  ),
)
const versions = fc.constantFrom(
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2099-01-01',
  undefined,
)

/** A message of either era, mostly a good one, with what HTTP says of it. */
const requests = fc
  .record({
    id: ids,
    method,
    name,
    args,
    more,
    extra: rarely(extra),
    envelope,
    modern: fc.boolean(),
    versions,
  })
  .chain(({ id, method, name, args, more, extra, envelope, modern, versions }) => {
    const meta = { ...(modern && envelope), ...extra }
    const named = method === 'tools/call' ? { name, arguments: args } : {}
    const params = { ...named, ...more, ...(Object.keys(meta).length > 0 && { _meta: meta }) }
    const message = JSON.parse(JSON.stringify({ jsonrpc: '2.0', id, method, params })) as Message
    const encoded = `=?base64?${Buffer.from(String(name)).toString('base64')}?=`
    return fc
      .record({
        'mcp-protocol-version': modern ? one('2026-07-28', '2025-11-25', undefined) : fc.constant(versions),
        'mcp-method': modern ? one(method, 'tools/list', undefined) : fc.constant(undefined),
        'mcp-name': modern ? one(named.name, 'get_task', encoded, undefined) : fc.constant(undefined),
        'mcp-session-id': one(undefined, 'gone'),
      })
      .map((headers) => ({
        message,
        headers: Object.fromEntries(
          Object.entries(headers).flatMap(([key, value]) =>
            value === undefined ? [] : [[key, String(value)]],
          ),
        ),
      }))
  })

test('every message gets the answer that the SDK gives, in both eras', async () => {
  const plain = { modern: 0, legacy: 0 }
  await fc.assert(
    fc.asyncProperty(requests, async ({ message, headers }) => {
      const era = plainEra(message, headers)
      if (era) plain[era]++
      const [answer, expected] = [
        await ours.serve(callOf(message, headers)),
        await sdk.serve(callOf(message, headers)),
      ]
      expect(seen(answer)).toEqual(seen(expected))
    }),
    { numRuns: RUNS },
  )
  expect(plain.modern).toBeGreaterThan(RUNS / 20)
  expect(plain.legacy).toBeGreaterThan(RUNS / 20)
})
