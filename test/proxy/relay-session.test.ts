import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { initialize, request } from '../helpers/bridge.js'
import { events, json, result } from '../helpers/fake-mcp.js'
import { pairs } from '../helpers/pair.js'

const pair = pairs()
const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' }
const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

test('the session that initialize opened goes along, and ends with the bridge', async () => {
  const { server, host } = await pair({ sessions: new Set() })
  host.send(initialize(1))
  await host.answer(1)
  host.send(request('tools/call', { name: 'echo' }, 2))
  await host.answer(2)
  expect(server.seen.at(-1)?.headers['mcp-session-id']).toBe('s1')
  await host.end()
  const farewell = server.seen.find(({ method }) => method === 'DELETE')
  expect(farewell?.headers['mcp-session-id']).toBe('s1')
})

test('a session that the server has forgotten is opened anew, and the call goes through', async () => {
  const sessions = new Set<string>()
  const { server, host } = await pair({ sessions })
  host.send(initialize(1))
  await host.answer(1)
  host.send(INITIALIZED)
  sessions.clear()
  sessions.add('other')
  host.send(request('tools/call', { name: 'echo', arguments: { text: 'a' } }, 2))
  expect((await host.answer(2)).result.content[0].text).toBe('a')
  expect(server.bodies('initialize')).toHaveLength(2)
  expect(server.seen.at(-1)?.headers['mcp-session-id']).toBe('s2')
})

test('messages that follow initialize at once arrive in its session and after its notification', async () => {
  const { server, host } = await pair({ sessions: new Set() })
  const done: string[] = []
  server.misbehave = (seen, response) => {
    if (seen.method === 'POST') response.on('finish', () => done.push(seen.body.method))
    if (seen.body.method !== 'notifications/initialized') return false
    return void setTimeout(() => response.writeHead(202).end(), 50)
  }
  host.send(initialize(1))
  host.send(INITIALIZED)
  host.send(request('tools/list', {}, 2))
  await host.answer(2)
  expect(done.slice(0, 3)).toEqual(['initialize', 'notifications/initialized', 'tools/list'])
  expect(server.seen.slice(1).map(({ headers }) => headers['mcp-session-id'])).not.toContain(undefined)
})

describe('the server’s own stream', () => {
  test('is held once the host is initialized, and what comes is passed on', async () => {
    const { server, host } = await pair()
    server.misbehave = (seen, response) =>
      seen.method === 'GET' ? events(response, [CHANGED], false) : false
    host.send(initialize(1))
    await host.answer(1)
    host.send(INITIALIZED)
    expect(await host.message(({ method }) => method !== undefined)).toEqual(CHANGED)
  })

  test('is taken up again where it broke', async () => {
    const { server, host } = await pair()
    const asked: (string | undefined)[] = []
    server.misbehave = (seen, response) => {
      if (seen.method !== 'GET') return false
      asked.push(seen.headers['last-event-id'] as string | undefined)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (asked.length === 1) return response.end('id: e1\nretry: 10\ndata: \n\n')
      return events(response, [CHANGED], false)
    }
    host.send(initialize(1))
    await host.answer(1)
    host.send(INITIALIZED)
    await host.message(({ method }) => method !== undefined)
    expect(asked).toEqual([undefined, 'e1'])
  })

  test('is not asked for again where the server has none', async () => {
    const { server, host } = await pair()
    host.send(initialize(1))
    await host.answer(1)
    host.send(INITIALIZED)
    host.send(request('ping', undefined, 2))
    await host.answer(2)
    await expect.poll(() => server.seen.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })
})

describe('a stream that ends before the answer', () => {
  const primed = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end('id: p1\nretry: 10\ndata: \n\n')
  }

  test('is resumed from its last event', async () => {
    const { server, host } = await pair()
    let id: unknown
    server.misbehave = (seen, response) => {
      if (seen.method === 'GET' && seen.headers['last-event-id'] === 'p1')
        return events(response, [{ jsonrpc: '2.0', id, result: { late: true } }])
      if (seen.body.method !== 'tools/call') return false
      id = seen.body.id
      return primed(response)
    }
    host.send(request('tools/call', { name: 'echo' }, 1))
    expect((await host.answer(1)).result).toEqual({ late: true })
  })

  test('is given up where nothing new comes', async () => {
    const { server, host } = await pair()
    server.misbehave = (_, response) => primed(response)
    host.send(request('tools/call', { name: 'echo' }, 1))
    expect((await host.answer(1)).error.message).toContain('without an answer')
    expect(server.seen.filter(({ method }) => method === 'GET')).toHaveLength(5)
  })
})

describe('a cancelled request', () => {
  const cancelled = (requestId: unknown) => ({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId },
  })

  test('has its connection closed and gets no answer', async () => {
    const { server, host } = await pair()
    server.misbehave = () => {}
    host.send(request('tools/call', { name: 'echo' }, 1))
    await expect.poll(() => server.seen).toHaveLength(1)
    server.misbehave = undefined
    host.send(cancelled(1))
    await expect.poll(() => server.closed).toBe(1)
    expect(server.bodies('notifications/cancelled')).toEqual([cancelled(1)])
    host.send(request('ping', undefined, 2))
    await host.answer(2)
    expect(host.received.map(({ id }) => id)).toEqual([2])
  })

  test('is cancelled at a modern server by the closed connection alone', async () => {
    const { server, host } = await pair()
    server.misbehave = (_, response) => events(response, [], false)
    const { META } = await import('../helpers/bridge.js')
    host.send(request('tools/call', { name: 'echo', _meta: META }, 1))
    await expect.poll(() => server.seen).toHaveLength(1)
    host.send(cancelled(1))
    await expect.poll(() => server.closed).toBe(1)
    expect(server.seen).toHaveLength(1)
    expect(host.received).toEqual([])
  })

  test('is any but initialize', async () => {
    const { server, host } = await pair()
    server.misbehave = (seen, response) => {
      if (seen.body.method !== 'initialize') return false
      return void setTimeout(() => json(response, 200, result(seen, { protocolVersion: '2025-11-25' })), 50)
    }
    host.send(initialize(1))
    host.send(cancelled(1))
    expect((await host.answer(1)).result.protocolVersion).toBe('2025-11-25')
  })
})

test.each([
  ['a second from its end is not used', 'timeout=1', 2],
  ['that will be there for long is used again', 'timeout=60', 1],
])('a connection %s', async (_, keepAlive, connections) => {
  const { server, host } = await pair()
  const sockets = new Set()
  server.misbehave = (seen, response) => {
    sockets.add(response.socket)
    json(response, 200, result(seen, {}), { 'keep-alive': keepAlive })
  }
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  await new Promise((resolve) => setTimeout(resolve, 20))
  host.send(request('tools/call', { name: 'echo' }, 2))
  await host.answer(2)
  expect(sockets.size).toBe(connections)
})

test('a server that is restarted costs no call that it cannot have seen', async () => {
  const { server, host } = await pair()
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  const { port } = server.url
  await server.close()
  await new Promise((resolve) => setTimeout(resolve, 20))
  host.send(request('tools/call', { name: 'echo', arguments: { text: 'back' } }, 2))
  const { createServer } = await import('node:http')
  const again = createServer((incoming, response) => {
    incoming
      .resume()
      .on('end', () =>
        response.setHeader('content-type', 'application/json').end('{"jsonrpc":"2.0","id":2,"result":{}}'),
      )
  })
  await new Promise<void>((resolve) =>
    setTimeout(() => again.listen(Number(port), '127.0.0.1', resolve), 200),
  )
  expect((await host.answer(2)).result).toEqual({})
  await new Promise((resolve) => again.close(resolve).closeAllConnections())
})
