import { afterAll, beforeAll, describe } from 'vitest'
import { ENVELOPE, rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { ada, body, grace, inBothEras, reader, runScenarios, withHeaders } from '../helpers/scenarios.js'

let at: TestEndpoint
beforeAll(async () => {
  at = await startEndpoint()
})
afterAll(() => at.close())

const organizations = { name: 'list_organizations' }
const wrong = { name: 'get_task', arguments: { taskId: 'x' } }
const initialize = (protocolVersion: string) =>
  rpc('legacy', 'initialize', {
    protocolVersion,
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  })
const notification = (method: string, params = {}) => body({ jsonrpc: '2.0', method, params })
const ping = rpc('legacy', 'ping')
const encoded = `=?base64?${Buffer.from('list_organizations').toString('base64')}?=`
const cancelled = withHeaders(notification('notifications/cancelled', { requestId: 1, _meta: ENVELOPE }), {
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'notifications/cancelled',
})
const pong = ['"result":{}']
const levels = (depth: number) =>
  body(`{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`)

describe('both eras', () => {
  runScenarios(
    [
      ...inBothEras(ada)('lists the tools', 'tools/list', {}, 200, ['"id":7', '"update_task"'], ['"error"']),
      ...inBothEras(reader)(
        'lists what the scopes allow',
        'tools/list',
        {},
        200,
        ['"list_tasks"'],
        ['"create_task"'],
      ),
      ...inBothEras(ada)(
        'calls for Ada',
        'tools/call',
        organizations,
        200,
        ['Acme', '"structuredContent"'],
        [],
      ),
      ...inBothEras(grace)('calls for Grace', 'tools/call', organizations, 200, ['Globex'], ['Acme']),
      ...inBothEras(ada)(
        'knows no such tool',
        'tools/call',
        { name: 'drop' },
        200,
        ['-32602', 'get_task'],
        ['"result"'],
      ),
      ...inBothEras(ada)(
        'answers an error as a result',
        'tools/call',
        wrong,
        200,
        ['"isError":true', 'Fix:'],
        [],
      ),
    ],
    () => at,
  )
})

describe('the eras that open with initialize', () => {
  const offers = (version: string) => [`"protocolVersion":"${version}"`, '"instructions"', '"title":"Zuko"']
  runScenarios(
    [
      ...['2025-11-25', '2025-06-18', '2025-03-26'].map((version) =>
        ada(`agrees on ${version}`, initialize(version), 200, offers(version), [
          '2026-07-28',
          '"listChanged":true',
        ]),
      ),
      ...['2024-11-05', '2026-07-28', 'nonsense'].map((version) =>
        ada(`offers its latest for ${version}`, initialize(version), 200, offers('2025-11-25'), []),
      ),
      ada('answers ping', ping, 200, pong, []),
      ada('knows no session', withHeaders(ping, { 'mcp-session-id': 'stale' }), 200, pong, []),
      ada(
        'takes its version header',
        withHeaders(ping, { 'mcp-protocol-version': '2025-06-18' }),
        200,
        pong,
        [],
      ),
      ada('knows no such method', rpc('legacy', 'nothing/here', {}, 7), 200, ['"code":-32601', '"id":7'], []),
      ada('accepts initialized', notification('notifications/initialized'), 202, [], ['{']),
      ada('accepts any notification', notification('notifications/other'), 202, [], ['{']),
    ],
    () => at,
  )
})

describe('2026-07-28', () => {
  const discovered = [
    '"supportedVersions":["2026-07-28"]',
    '"instructions"',
    '"cacheScope":"private"',
    'serverInfo',
  ]
  const list = ['"ttlMs":300000', '"cacheScope":"private"', '"resultType":"complete"', 'serverInfo']
  const nothing = ['acknowledged', '"notifications":{}', '"resultType":"complete"']
  const listen = { notifications: { toolsListChanged: true } }
  runScenarios(
    [
      ada('answers server/discover', rpc('modern', 'server/discover'), 200, discovered, [
        '"listChanged":true',
      ]),
      ada('lets a list be kept, privately', rpc('modern', 'tools/list'), 200, list, ['public']),
      ada('accepts a notification', cancelled, 202, [], ['{']),
      ada('has nothing to subscribe to', rpc('modern', 'subscriptions/listen', listen), 200, nothing, []),
      ada(
        'decodes a base64 Mcp-Name',
        withHeaders(rpc('modern', 'tools/call', organizations), { 'mcp-name': encoded }),
        200,
        ['Acme'],
        [],
      ),
    ],
    () => at,
  )
})

describe('what is tolerated', () => {
  const accepts = [
    '*/*',
    'application/*',
    'application/json',
    'text/html, */*;q=0.1',
    'text/event-stream, application/json',
  ]
  runScenarios(
    [
      ...accepts.map((accept) => ada(`Accept: ${accept}`, withHeaders(ping, { accept }), 200, pong, [])),
      ada(
        'a charset',
        withHeaders(ping, { 'content-type': 'application/json; charset=utf-8' }),
        200,
        pong,
        [],
      ),
      ada('62 levels inside two', levels(62), 200, pong, []),
    ],
    () => at,
  )
})
