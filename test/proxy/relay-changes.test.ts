import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { closedDoor, initialize, META, modernRequest, request } from '../helpers/bridge.js'
import { events, type FakeMcp, type Json, json, result } from '../helpers/fake-mcp.js'
import { type Pair, pairs } from '../helpers/pair.js'

const pair = pairs()
const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' }
const CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
const PROMPTS_CHANGED = { jsonrpc: '2.0', method: 'notifications/prompts/list_changed' }
const UPDATED = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'a:/1/x' } }
const ALL = {
  tools: { listChanged: true },
  prompts: { listChanged: false },
  resources: { listChanged: true, subscribe: true },
}
const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'

const stamped = (notification: Json, id: unknown): Json => ({
  ...notification,
  params: { ...notification.params, _meta: { [SUBSCRIPTION]: id } },
})

const heard = ({ host }: Pair): Json[] => host.received.filter(({ method }) => method !== undefined)

describe('a legacy host and a modern server', () => {
  /** How the server answers each `subscriptions/listen`. */
  type Listen = (response: ServerResponse, body: Json) => unknown

  const ack = (body: Json, notifications = body.params.notifications): Json => ({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { notifications, _meta: { [SUBSCRIPTION]: body.id } },
  })

  function offers(server: FakeMcp, capabilities: Json, listen: Listen): void {
    server.misbehave = (seen, response) => {
      const { method } = seen.body
      if (method === 'server/discover') {
        const value = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities }
        return json(response, 200, result(seen, value))
      }
      return method === 'subscriptions/listen' ? listen(response, seen.body) : false
    }
  }

  async function listening(listen: Listen, capabilities: Json = ALL): Promise<Pair> {
    const both = await pair({ era: 'modern' })
    offers(both.server, capabilities, listen)
    both.host.send(initialize(1))
    await both.host.answer(1)
    both.host.send(INITIALIZED)
    return both
  }
  const listens = ({ server }: Pair): Json[] => server.bodies('subscriptions/listen')

  test('the bridge listens for what the server offers, and passes it on as a legacy host knows it', async () => {
    const both = await listening((response, body) =>
      events(response, [ack(body), stamped(CHANGED, body.id)], false),
    )
    expect(await both.host.message(({ method }) => method !== undefined)).toEqual(CHANGED)
    expect(listens(both)[0].params.notifications).toEqual({
      toolsListChanged: true,
      resourcesListChanged: true,
    })
    expect(
      both.server.seen.find(({ body }) => body.method === 'subscriptions/listen')?.headers,
    ).toMatchObject({ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' })
  })

  test('other members of a notification stay', async () => {
    const both = await listening((response, body) => {
      const note = { ...UPDATED, params: { ...UPDATED.params, _meta: { other: 1, [SUBSCRIPTION]: body.id } } }
      return events(response, [ack(body), note], false)
    })
    expect((await both.host.message(({ method }) => method !== undefined)).params).toEqual({
      uri: 'a:/1/x',
      _meta: { other: 1 },
    })
  })

  test('nothing is listened for where nothing is offered', async () => {
    const both = await listening((response, body) => events(response, [ack(body)]), { tools: {} })
    both.host.send(request('tools/list', {}, 2))
    await both.host.answer(2)
    expect(listens(both)).toEqual([])
  })

  test.each([
    ['declines', (response: ServerResponse) => response.writeHead(404).end()],
    ['honours nothing', (response: ServerResponse, body: Json) => events(response, [ack(body, {})])],
  ])('a server that %s is not asked again', async (_, listen) => {
    const both = await listening(listen)
    await expect.poll(() => listens(both)).toHaveLength(1)
    await new Promise((resolve) => setTimeout(resolve, 1300))
    expect(listens(both)).toHaveLength(1)
  })

  test('the host hears nothing else of the subscription', async () => {
    const both = await listening((response, body) => {
      const cancelled = {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: body.id, _meta: { [SUBSCRIPTION]: body.id } },
      }
      return events(response, [ack(body), cancelled, stamped(CHANGED, body.id)], false)
    })
    expect(await both.host.message(({ method }) => method !== undefined)).toEqual(CHANGED)
  })

  test('a subscription to a resource that the server does not offer is the server’s to refuse', async () => {
    const both = await listening((response) => response.writeHead(404).end(), { resources: {} })
    both.host.send(request('resources/subscribe', { uri: 'a:/1' }, 2))
    expect((await both.host.answer(2)).error.code).toBe(-32601)
  })

  test('a stream that breaks is taken up again, after a pause', async () => {
    let times = 0
    const both = await listening((response, body) => {
      times += 1
      events(response, [ack(body)], times === 1)
      if (times === 2) events(response, [stamped(CHANGED, body.id)], false)
    })
    expect(await both.host.message(({ method }) => method !== undefined)).toEqual(CHANGED)
    expect(listens(both)).toHaveLength(2)
  })

  test('the stream ends with the host', async () => {
    const both = await listening((response, body) => events(response, [ack(body)], false))
    await expect.poll(() => listens(both)).toHaveLength(1)
    await both.host.end()
    await expect.poll(() => both.server.closed).toBe(1)
  })

  test('a resource that the host subscribes to is listened for too, until it does not want it any more', async () => {
    const both = await listening((response, body) => {
      const uris = body.params.notifications.resourceSubscriptions
      events(response, [ack(body), ...(uris ? [stamped(UPDATED, body.id)] : [])], false)
    })
    await expect.poll(() => listens(both)).toHaveLength(1)
    both.host.send(request('resources/subscribe', { uri: 'a:/1' }, 2))
    expect((await both.host.answer(2)).result).toEqual({})
    expect(await both.host.message(({ method }) => method !== undefined)).toEqual(UPDATED)
    expect(listens(both)[1].params.notifications.resourceSubscriptions).toEqual(['a:/1'])
    both.host.send(request('resources/unsubscribe', { uri: 'a:/1' }, 3))
    expect((await both.host.answer(3)).result).toEqual({})
    await expect.poll(() => listens(both)).toHaveLength(3)
    expect(listens(both)[2].params.notifications).not.toHaveProperty('resourceSubscriptions')
    await expect.poll(() => both.server.closed).toBe(2)
  })
})

describe('a modern host and a legacy server', () => {
  interface Heard extends Pair {
    /** The server's own stream. */
    own(): ServerResponse
  }

  async function subscribed(filter: Json, capabilities: Json = ALL): Promise<Heard> {
    const both = await pair({ era: 'legacy' })
    let own: ServerResponse | undefined
    both.server.misbehave = (seen, response) => {
      if (seen.method === 'GET') {
        own = response
        return events(response, [], false)
      }
      if (seen.body.method !== 'initialize') return false
      const value = { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'l', version: '1' } }
      return json(response, 200, result(seen, value))
    }
    both.host.send(modernRequest('server/discover', {}, 1))
    expect((await both.host.answer(1)).result.capabilities).toEqual(capabilities)
    await expect.poll(() => own).toBeDefined()
    both.host.send(modernRequest('subscriptions/listen', { notifications: filter }, 9))
    await both.host.message(({ method }) => method === 'notifications/subscriptions/acknowledged')
    return { ...both, own: () => own as ServerResponse }
  }
  const EVERYTHING = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }

  test('the host is acknowledged what the server offers, and hears that under its subscription', async () => {
    const both = await subscribed(EVERYTHING)
    expect(heard(both)[0].params).toEqual({
      _meta: { [SUBSCRIPTION]: 9 },
      notifications: { toolsListChanged: true, resourcesListChanged: true },
    })
    events(both.own(), [PROMPTS_CHANGED, CHANGED], false)
    await both.host.message(({ method }) => method === CHANGED.method)
    expect(heard(both).slice(1)).toEqual([stamped(CHANGED, 9)])
    expect(both.host.received.filter(({ id }) => id === 9)).toEqual([])
  })

  test('what the server says in the reply to a call reaches the subscription too', async () => {
    const both = await subscribed(EVERYTHING)
    both.server.misbehave = (seen, response) => events(response, [CHANGED, result(seen, { content: [] })])
    both.host.send(modernRequest('tools/call', { name: 'echo' }, 2))
    await both.host.answer(2)
    expect(heard(both).slice(1)).toEqual([stamped(CHANGED, 9)])
  })

  test('a host that listens for nothing hears nothing', async () => {
    const both = await subscribed({ resourcesListChanged: true })
    events(both.own(), [CHANGED, { jsonrpc: '2.0', method: 'x/mark' }], false)
    await both.host.message(({ method }) => method === 'x/mark')
    expect(heard(both).map(({ method }) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
      'x/mark',
    ])
  })

  test('two subscriptions hear each their own; a cancelled one hears no more', async () => {
    const both = await subscribed({ toolsListChanged: true })
    both.host.send(modernRequest('subscriptions/listen', { notifications: EVERYTHING }, 10))
    await both.host.message(({ params }) => params?._meta?.[SUBSCRIPTION] === 10)
    events(both.own(), [CHANGED], false)
    await expect.poll(() => heard(both)).toHaveLength(4)
    both.host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } })
    events(both.own(), [CHANGED], false)
    await expect.poll(() => heard(both)).toHaveLength(5)
    expect(heard(both).at(-1)).toEqual(stamped(CHANGED, 10))
    expect(both.server.bodies('notifications/cancelled')).toEqual([])
  })

  test('a resource is subscribed to at the server while somebody listens for it', async () => {
    const both = await subscribed({ resourceSubscriptions: ['a:/1'] })
    await expect.poll(() => both.server.bodies('resources/subscribe')).toHaveLength(1)
    expect(both.server.bodies('resources/subscribe')[0].params).toEqual({ uri: 'a:/1' })
    const other = { ...UPDATED, params: { uri: 'b:/1' } }
    events(both.own(), [other, UPDATED], false)
    await both.host.message(({ method }) => method === UPDATED.method)
    expect(heard(both).slice(1)).toEqual([stamped(UPDATED, 9)])
    both.host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 9 } })
    await expect.poll(() => both.server.bodies('resources/unsubscribe')).toHaveLength(1)
  })

  test('a server that asks to be left alone for no time at all is left alone nevertheless', async () => {
    const { server, host } = await pair({ era: 'legacy' })
    server.misbehave = (seen, response) =>
      seen.method === 'GET'
        ? response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 0\n\n')
        : false
    host.send(modernRequest('server/discover', {}, 1))
    await host.answer(1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(server.seen.filter(({ method }) => method === 'GET').length).toBeLessThan(7)
  })
})

describe('what a legacy server logs', () => {
  const logs = (level: string) => ({
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level, data: level },
  })

  test.each([
    [undefined, []],
    ['warning', ['warning', 'error']],
    ['debug', ['debug', 'warning', 'error']],
  ])('is heard by a modern host from the level on that its request names: %s', async (level, expected) => {
    const both = await pair({ era: 'legacy' })
    both.host.send(modernRequest('server/discover', {}, 1))
    await both.host.answer(1)
    both.server.misbehave = (seen, response) =>
      seen.body.method === 'tools/call'
        ? events(response, [...['debug', 'warning', 'error'].map(logs), result(seen, { content: [] })])
        : false
    const _meta = { ...META, ...(level && { 'io.modelcontextprotocol/logLevel': level }) }
    both.host.send(request('tools/call', { name: 'echo', _meta }, 2))
    await both.host.answer(2)
    expect(heard(both).map(({ params }) => params.data)).toEqual(expected)
  })
})

test('a legacy server that logs is told the lowest level that a modern host asked for, once', async () => {
  const { server, host } = await pair({ era: 'legacy' })
  server.misbehave = (seen, response) => {
    if (seen.body.method !== 'initialize') return false
    const value = { protocolVersion: '2025-11-25', capabilities: { logging: {} }, serverInfo: {} }
    return json(response, 200, result(seen, value))
  }
  host.send(modernRequest('server/discover', {}, 1))
  await host.answer(1)
  let id = 2
  for (const level of ['error', 'error', 'debug', 'info', 'loud']) {
    const _meta = { ...META, 'io.modelcontextprotocol/logLevel': level }
    host.send(request('tools/call', { name: 'echo', _meta }, id))
    await host.answer(id)
    id += 1
  }
  expect(server.bodies('logging/setLevel').map(({ params }) => params.level)).toEqual(['error', 'debug'])
})

test('a legacy host that was greeted before the login works with a modern server after it', async () => {
  const door = closedDoor()
  const both = await pair({ era: 'modern', token: () => 'good' }, { session: door, patienceMs: 5_000 })
  both.host.send(initialize(1))
  await both.host.answer(1)
  both.host.send(INITIALIZED)
  both.host.send(request('tools/call', { name: 'echo', arguments: { text: 'hi' } }, 2))
  await expect.poll(() => door.refusals.length).toBeGreaterThan(1)
  door.signIn('good')
  both.host.send(request('ping', undefined, 3))
  expect((await both.host.answer(3)).result).toEqual({})
  expect((await both.host.answer(2)).result.content[0].text).toBe('hi')
})
