import { describe, expect, test } from 'vitest'
import { initialize, META, modernRequest, request } from '../helpers/bridge.js'
import { failure, json, result } from '../helpers/fake-mcp.js'
import { pairs } from '../helpers/pair.js'

const pair = pairs()
const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' }

describe('a legacy host and a modern server', () => {
  test('shake hands through server/discover', async () => {
    const { server, host } = await pair({ era: 'modern' })
    host.send(initialize(1))
    expect((await host.answer(1)).result).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'fake', version: '1.0.0' },
      instructions: 'Be kind.',
    })
    expect(server.seen.map(({ body }) => body.method)).toEqual(['initialize', 'server/discover'])
  })

  test('work together: each request gets the envelope and the headers', async () => {
    const { server, host } = await pair({ era: 'modern' })
    host.send(initialize(1))
    await host.answer(1)
    host.send(INITIALIZED)
    host.send(request('tools/list', {}, 2))
    expect((await host.answer(2)).result.tools).toHaveLength(1)
    host.send(
      request('tools/call', { name: 'echo', arguments: { text: 'é' }, _meta: { progressToken: 7 } }, 3),
    )
    expect((await host.answer(3)).result.content[0].text).toBe('é')
    expect(server.bodies('tools/call')[0].params._meta).toEqual({
      progressToken: 7,
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    })
    expect(server.bodies('notifications/initialized')).toEqual([])
  })

  test('agree on ping and log levels, which the server does not know', async () => {
    const { server, host } = await pair({ era: 'modern' })
    host.send(initialize(1))
    await host.answer(1)
    host.send(request('ping', undefined, 2))
    host.send(request('logging/setLevel', { level: 'debug' }, 3))
    expect((await host.answer(2)).result).toEqual({})
    expect((await host.answer(3)).result).toEqual({})
    host.send(request('tools/call', { name: 'echo' }, 4))
    await host.answer(4)
    expect(server.bodies('tools/call')[0].params._meta).toMatchObject({
      'io.modelcontextprotocol/logLevel': 'debug',
    })
  })

  test.each([-32601, -32602, -32020, -32000])('find each other whatever the refusal: %i', async (code) => {
    const { server, host } = await pair({ era: 'modern' })
    server.misbehave = (seen, response) =>
      seen.body.method === 'initialize' ? json(response, 404, failure(seen, code)) : false
    host.send(initialize(1))
    expect((await host.answer(1)).result.serverInfo.name).toBe('fake')
  })
})

describe('a modern host and a legacy server', () => {
  test('shake hands through initialize', async () => {
    const { server, host } = await pair({ era: 'legacy' })
    host.send(modernRequest('server/discover', {}, 1))
    expect((await host.answer(1)).result).toEqual({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      instructions: 'Be kind.',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'fake', version: '1.0.0' } },
    })
    expect(server.bodies('initialize')[0].params.clientInfo).toEqual({ name: 'test', version: '1' })
    expect(server.bodies('notifications/initialized')).toHaveLength(1)
  })

  test('work together, in the server’s session', async () => {
    const sessions = new Set<string>()
    const { server, host } = await pair({ era: 'legacy', sessions })
    server.misbehave = (seen, response) =>
      seen.headers['mcp-protocol-version'] === '2026-07-28'
        ? json(response, 400, failure(seen, -32000))
        : false
    host.send(modernRequest('server/discover', {}, 1))
    await host.answer(1)
    host.send(modernRequest('tools/list', {}, 2))
    expect((await host.answer(2)).result).toMatchObject({
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
    })
    const call = modernRequest('tools/call', { name: 'echo', arguments: { text: 'é' } }, 3)
    host.send(call)
    expect((await host.answer(3)).result).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: 'é' }],
    })
    const sent = server.seen.at(-1)
    expect(sent?.headers).toMatchObject({ 'mcp-session-id': 's1', 'mcp-protocol-version': '2025-11-25' })
    expect(sent?.text).toBe(JSON.stringify(call))
  })

  test('find each other without a server/discover too', async () => {
    const { server, host } = await pair({ era: 'legacy' })
    host.send(modernRequest('tools/call', { name: 'echo', arguments: { text: 'a' } }, 1))
    expect((await host.answer(1)).result.resultType).toBe('complete')
    expect(server.bodies('initialize')).toHaveLength(1)
  })

  test('repeat no call that the server refuses after they have found each other', async () => {
    const { server, host } = await pair({ era: 'legacy' })
    host.send(modernRequest('server/discover', {}, 1))
    await host.answer(1)
    server.misbehave = (seen, response) => json(response, 400, failure(seen, -32602))
    host.send(modernRequest('tools/call', { name: 'echo' }, 2))
    expect((await host.answer(2)).error.code).toBe(-32602)
    expect(server.bodies('tools/call')).toHaveLength(1)
  })

  test('agree that there is nothing to listen to', async () => {
    const { host } = await pair({ era: 'legacy' })
    host.send(modernRequest('server/discover', {}, 1))
    await host.answer(1)
    host.send(modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } }, 2))
    expect((await host.answer(2)).result._meta).toEqual({ 'io.modelcontextprotocol/subscriptionId': 2 })
    const acknowledged = await host.message(
      ({ method }) => method === 'notifications/subscriptions/acknowledged',
    )
    expect(acknowledged.params.notifications).toEqual({})
  })
})

describe('a host hears the server’s own error', () => {
  test.each([-32022, -32021, -32020])('where it is a modern one: %i', async (code) => {
    const { server, host } = await pair()
    server.misbehave = (seen, response) => json(response, 400, failure(seen, code, 'their words'))
    host.send(modernRequest('server/discover', {}, 1))
    expect((await host.answer(1)).error).toEqual({ code, message: 'their words' })
    expect(server.bodies('initialize')).toEqual([])
  })

  test('where the server speaks neither era', async () => {
    const { server, host } = await pair()
    server.misbehave = (seen, response) =>
      json(response, 400, failure(seen, -32600, `no ${seen.body.method}`))
    host.send(modernRequest('server/discover', {}, 1))
    expect((await host.answer(1)).error.message).toBe('no server/discover')
    host.send(initialize(2))
    expect((await host.answer(2)).error.message).toBe('no initialize')
  })

  test('about a method that a modern server does not know', async () => {
    const { server, host } = await pair({ era: 'modern' })
    host.send(modernRequest('x/unknown', {}, 1))
    expect((await host.answer(1)).error.code).toBe(-32601)
    expect(server.bodies('initialize')).toEqual([])
  })
})

test('a server of both eras is asked in the host’s own, and nothing is added', async () => {
  const { server, host } = await pair()
  const discover = request('server/discover', { _meta: META }, 1)
  host.send(discover)
  await host.answer(1)
  host.send(initialize(2))
  await host.answer(2)
  expect(server.seen.map(({ body }) => body.method)).toEqual(['server/discover', 'initialize'])
})

test('an unknown member of a result passes through a translation', async () => {
  const { server, host } = await pair({ era: 'modern' })
  host.send(initialize(1))
  await host.answer(1)
  server.misbehave = (seen, response) =>
    json(response, 200, result(seen, { resultType: 'complete', odd: [1] }))
  host.send(request('tools/call', { name: 'echo' }, 2))
  expect((await host.answer(2)).result.odd).toEqual([1])
})
