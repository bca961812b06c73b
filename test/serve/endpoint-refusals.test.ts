import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENVELOPE, rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { send } from '../helpers/http.js'
import {
  ada,
  body,
  inBothEras,
  reader,
  runScenarios,
  withHeaders,
  withoutHeader,
} from '../helpers/scenarios.js'

let at: TestEndpoint
beforeAll(async () => {
  at = await startEndpoint()
})
afterAll(() => at.close())

const ping = { jsonrpc: '2.0', id: 7, method: 'ping' }
const large = JSON.stringify({ ...ping, params: { x: 'x'.repeat(257 * 1024) } })
const levels = (depth: number) =>
  body(`{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`)
const notUtf8 = { ...body(''), body: Buffer.from([0x22, 0xff, 0x22]) }
const PARSE = '"code":-32700'
const INVALID = '"code":-32600'

describe('a body that is no message', () => {
  runScenarios(
    [
      ada('refuses a batch', body([ping]), 400, [INVALID, '"id":null', 'batch'], []),
      ada('refuses an empty batch', body([]), 400, [INVALID], []),
      ada('refuses null', body('null'), 400, [INVALID], []),
      ada('refuses a text', body('"hush"'), 400, [INVALID], ['hush']),
      ada(
        'refuses another version of JSON-RPC',
        body({ ...ping, jsonrpc: '1.0' }),
        400,
        [INVALID, '"id":7'],
        [],
      ),
      ada('refuses id null', body({ ...ping, id: null }), 400, [INVALID, '"id":null'], []),
      ada('refuses id 1.5', body({ ...ping, id: 1.5 }), 400, [INVALID, '"id":null'], []),
      ada('refuses an id that is an object', body({ ...ping, id: {} }), 400, [INVALID, '"id":null'], []),
      ada('refuses params that are a list', body({ ...ping, params: [] }), 400, [INVALID, '"id":7'], []),
      ada('refuses a method that is a number', body({ ...ping, method: 1 }), 400, [INVALID], []),
      ada(
        'refuses a posted response',
        body({ jsonrpc: '2.0', id: 7, result: {} }),
        400,
        [INVALID, '"id":null'],
        [],
      ),
      ada('refuses further members', body({ ...ping, extra: 1 }), 400, [INVALID, '"id":7'], []),
      ada('refuses invalid JSON', body('{"jsonrpc":'), 400, [PARSE, '"id":null'], ['Unexpected']),
      ada('refuses an empty body', body(''), 400, [PARSE], []),
      ada('refuses invalid UTF-8', notUtf8, 400, [PARSE], []),
      ada('refuses 63 levels inside two', levels(63), 400, [INVALID, '64 levels'], []),
      ada('refuses 250,000 levels', body('['.repeat(250_000)), 400, [INVALID, '64 levels'], []),
      ada('refuses 257 KiB', body(large), 413, ['"code":413', '256 KiB'], ['xxx']),
      ada(
        'refuses 257 KiB in chunks',
        body(large, { 'transfer-encoding': 'chunked' }),
        413,
        ['256 KiB'],
        ['xxx'],
      ),
    ],
    () => at,
  )
})

describe('headers that do not fit', () => {
  const as = (type: string) => body(ping, { 'content-type': type })
  const unlikeJson = ['text/html', 'text/event-stream', '*/*, application/json;q=0']
  runScenarios(
    [
      ada('refuses text/plain', as('text/plain'), 415, ['application/json'], []),
      ada(
        'refuses a type that begins like JSON',
        as('application/json-patch'),
        415,
        ['application/json'],
        [],
      ),
      ada('refuses no type', { body: JSON.stringify(ping) }, 415, ['application/json'], []),
      ada('refuses gzip', body(ping, { 'content-encoding': 'gzip' }), 415, ['identity'], []),
      ...unlikeJson.map((accept) =>
        ada(`refuses Accept: ${accept}`, body(ping, { accept }), 406, ['Accept'], []),
      ),
    ],
    () => at,
  )
})

describe('versions and headers of the protocol', () => {
  const list = rpc('modern', 'tools/list', {}, 7)
  const call = rpc('modern', 'tools/call', { name: 'list_organizations' }, 7)
  const enveloped = (envelope: object) => ({
    ...list,
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/list', params: { _meta: envelope } }),
  })
  const of2099 = { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' }
  const incapable = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
  const MISMATCH = ['"code":-32020', '"id":7']
  const unsupported = ['"code":-32022', '"supported":["2026-07-28"]', '"requested":"2099-01-01"', '"id":7']
  const version = (value: string) => ({ 'mcp-protocol-version': value })
  const bare = withHeaders(body({ ...ping, method: 'tools/list' }), {
    ...version('2026-07-28'),
    'mcp-method': 'tools/list',
  })
  runScenarios(
    [
      ada('legacy: refuses an unknown version', body(ping, version('2024-01-01')), 400, ['2025-11-25'], []),
      ada(
        'refuses version 2099',
        withHeaders(enveloped(of2099), version('2099-01-01')),
        400,
        unsupported,
        [],
      ),
      ada('refuses no version header', withoutHeader(list, 'mcp-protocol-version'), 400, MISMATCH, []),
      ada('refuses another version header', withHeaders(list, version('2025-11-25')), 400, MISMATCH, []),
      ada('refuses no Mcp-Method', withoutHeader(list, 'mcp-method'), 400, MISMATCH, []),
      ada('refuses another Mcp-Method', withHeaders(list, { 'mcp-method': 'tools/call' }), 400, MISMATCH, []),
      ada('refuses no Mcp-Name', withoutHeader(call, 'mcp-name'), 400, MISMATCH, ['Acme']),
      ada('refuses another Mcp-Name', withHeaders(call, { 'mcp-name': 'list_tasks' }), 400, MISMATCH, [
        'Acme',
      ]),
      ada('refuses bad base64', withHeaders(call, { 'mcp-name': '=?base64?%?=' }), 400, MISMATCH, ['Acme']),
      ada('refuses no envelope', bare, 400, ['"code":-32602', '"id":7'], ['"tools"']),
      ada('refuses no capabilities', enveloped(incapable), 400, ['"code":-32602', '"id":7'], ['"tools"']),
      ...['nothing/here', 'ping', 'resources/list', 'initialize'].map((method) =>
        ada(
          `2026-07-28 has no ${method}`,
          rpc('modern', method, {}, 7),
          404,
          ['"code":-32601', '"id":7'],
          [],
        ),
      ),
    ],
    () => at,
  )
})

describe('a tool whose scope was not granted', () => {
  const create = { name: 'create_task', arguments: { title: 'Call back' } }
  const words = ['"id":7', '"code":403', 'create_task', 'tasks:write', 'not expired']
  runScenarios(inBothEras(reader)('is a real 403', 'tools/call', create, 403, words, ['"result"']), () => at)

  test.each(['legacy', 'modern'] as const)(
    'is challenged with everything the call needs (%s)',
    async (era) => {
      const token = await at.token(at.ada, { scope: 'openid organizations:read' })
      const answer = await at.ask(rpc(era, 'tools/call', create), token)
      expect(answer.headers['www-authenticate']).toBe(
        [
          'Bearer error="insufficient_scope"',
          'scope="organizations:read tasks:write"',
          `resource_metadata="${at.origin}/.well-known/oauth-protected-resource/api/mcp"`,
          'error_description="The tool create_task needs the scope tasks:write, which was not granted to this client."',
        ].join(', '),
      )
    },
  )
})

describe('any method but POST', () => {
  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s is 405 before authentication',
    async (method) => {
      const answer = await send(at.port, { method })
      expect([answer.status, answer.headers.allow]).toEqual([405, 'POST'])
      expect(answer.headers).not.toHaveProperty('www-authenticate')
      expect(answer.text).toMatch(method === 'HEAD' ? /^$/ : /"code":405/)
    },
  )
})
