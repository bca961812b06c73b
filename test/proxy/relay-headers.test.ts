import { describe, expect, test } from 'vitest'
import { headerAnnotations } from '../../src/proxy/tool-headers.js'
import { initialize, modernRequest, request } from '../helpers/bridge.js'
import { ECHO, failure, json } from '../helpers/fake-mcp.js'
import { pairs } from '../helpers/pair.js'

const pair = pairs()
const last = <T>(items: readonly T[]): T => items.at(-1) as T

test('a modern request carries its revision, method and name', async () => {
  const { server, host } = await pair()
  host.send(modernRequest('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  expect(last(server.seen).headers).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': 'echo',
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  })
})

test.each([
  ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
  [' padded ', '=?base64?IHBhZGRlZCA=?='],
  ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
  ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
  ['us west-1', 'us west-1'],
])('the name %j goes as the specification says', async (name, header) => {
  const { server, host } = await pair()
  host.send(modernRequest('tools/call', { name }, 1))
  await host.answer(1)
  expect(last(server.seen).headers['mcp-name']).toBe(header)
})

test('a resource is named by its uri and a prompt by its name', async () => {
  const { server, host } = await pair()
  host.send(modernRequest('resources/read', { uri: 'file:///a b' }, 1))
  host.send(modernRequest('prompts/get', { name: 'p' }, 2))
  await Promise.all([host.answer(1), host.answer(2)])
  expect(server.seen.map(({ headers }) => headers['mcp-name']).sort()).toEqual(['file:///a b', 'p'])
})

test('a legacy request carries the negotiated revision and nothing of the modern ones', async () => {
  const { server, host } = await pair()
  host.send(initialize(1))
  await host.answer(1)
  host.send(request('tools/call', { name: 'echo' }, 2))
  await host.answer(2)
  expect(server.seen[0]?.headers).not.toHaveProperty('mcp-protocol-version')
  expect(last(server.seen).headers['mcp-protocol-version']).toBe('2025-11-25')
  expect(last(server.seen).headers).not.toHaveProperty('mcp-method')
})

const annotated = (properties: object, name = 'sql') => ({
  name,
  inputSchema: { type: 'object', properties },
})
const region = annotated({
  region: { type: 'string', 'x-mcp-header': 'Region' },
  deep: {
    type: 'object',
    properties: {
      limit: { type: 'integer', 'x-mcp-header': 'Limit' },
      dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    },
  },
})

test('arguments that a tool annotates are mirrored, absent and null ones are not', async () => {
  const { server, host } = await pair({ tools: [region] })
  host.send(modernRequest('tools/list', {}, 1))
  await host.answer(1)
  host.send(
    modernRequest(
      'tools/call',
      { name: 'sql', arguments: { region: 'Zürich', deep: { limit: 42, dry: false } } },
      2,
    ),
  )
  await host.answer(2)
  expect(last(server.seen).headers).toMatchObject({
    'mcp-param-region': '=?base64?WsO8cmljaA==?=',
    'mcp-param-limit': '42',
    'mcp-param-dry': 'false',
  })
  host.send(modernRequest('tools/call', { name: 'sql', arguments: { region: null } }, 3))
  await host.answer(3)
  expect(Object.keys(last(server.seen).headers).filter((name) => name.startsWith('mcp-param'))).toEqual([])
})

test('a mismatch of headers is remedied once by a fresh list', async () => {
  const { server, host } = await pair({ tools: [region] })
  server.misbehave = (seen, response) =>
    seen.body.method === 'tools/call' && seen.headers['mcp-param-region'] === undefined
      ? json(response, 400, failure(seen, -32020))
      : false
  host.send(modernRequest('tools/call', { name: 'sql', arguments: { region: 'a' } }, 1))
  expect((await host.answer(1)).result.resultType).toBe('complete')
  expect(server.seen.map(({ body }) => body.method)).toEqual(['tools/call', 'tools/list', 'tools/call'])
})

test('a mismatch that a fresh list does not remedy reaches the host', async () => {
  const { server, host } = await pair()
  server.misbehave = (seen, response) =>
    seen.body.method === 'tools/call' ? json(response, 400, failure(seen, -32020)) : false
  host.send(modernRequest('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).error.code).toBe(-32020)
  expect(server.bodies('tools/call')).toHaveLength(2)
})

test('a tool with a wrong annotation is left out of the list, with a word about it', async () => {
  const wrong = annotated({ a: { type: 'number', 'x-mcp-header': 'A' } }, 'broken')
  const { host } = await pair({ tools: [ECHO, wrong, region] })
  host.send(modernRequest('tools/list', {}, 1))
  const { result } = await host.answer(1)
  expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(['echo', 'sql'])
  expect(host.said.join('\n')).toContain('"broken"')
})

describe('an annotation', () => {
  const property = (schema: object) => ({ type: 'object', properties: { a: schema } })
  const plain = { type: 'string', 'x-mcp-header': 'A' }
  test.each([
    ['is empty', property({ type: 'string', 'x-mcp-header': '' })],
    ['is no token', property({ type: 'string', 'x-mcp-header': 'a b' })],
    ['holds a line break', property({ type: 'string', 'x-mcp-header': 'a\r\nb' })],
    ['is not a string', property({ type: 'string', 'x-mcp-header': 1 })],
    ['is on a number', property({ type: 'number', 'x-mcp-header': 'A' })],
    ['is on an object', property({ type: 'object', 'x-mcp-header': 'A' })],
    [
      'stands there twice but for case',
      { type: 'object', properties: { a: plain, b: { ...plain, 'x-mcp-header': 'a' } } },
    ],
    ['is on items', property({ type: 'array', items: plain })],
    ['is below anyOf', property({ anyOf: [plain] })],
    ['is below a condition', { type: 'object', if: { properties: { a: plain } } }],
    ['is in a definition', { type: 'object', $defs: { a: plain } }],
    ['is on the schema itself', { ...plain, type: 'string' }],
  ])('is refused where it %s', (_, schema) => {
    expect(headerAnnotations(schema)).toHaveProperty('wrong')
  })

  test('is understood on a nested property, and not in data', () => {
    const schema = {
      type: 'object',
      properties: { default: property(plain) },
      default: { 'x-mcp-header': '' },
    }
    expect(headerAnnotations(schema)).toEqual({ paths: new Map([['A', ['default', 'a']]]) })
  })
})
