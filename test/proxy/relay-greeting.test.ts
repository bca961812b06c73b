import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { TOOLS } from '../../src/tools/index.js'
import { INSTRUCTIONS } from '../../src/tools/instructions.js'
import { closedDoor, initialize, modernRequest, request, SIGN_IN_URL } from '../helpers/bridge.js'
import { ECHO, failure, type Json, json } from '../helpers/fake-mcp.js'
import { pairs } from '../helpers/pair.js'

const pair = pairs()
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'zuko-greeting-'))
  return () => rmSync(directory, { recursive: true, force: true })
})

/** What a server said is kept while the bridge runs, and has reached the disk. */
const isKept = (word: string) => {
  const servers = join(directory, 'servers')
  const kept = () =>
    readdirSync(servers).some((name) => readFileSync(join(servers, name), 'utf8').includes(word))
  return expect.poll(kept, { timeout: 5_000 }).toBe(true)
}

const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' }
const isChanged = ({ method }: Json) => method === 'notifications/tools/list_changed'
const names = ({ result }: Json): string[] => result.tools.map(({ name }: Json) => name)
const locked = { token: () => 'right' }

describe('before a login', () => {
  test('a Zuko server is introduced with the shared tools and instructions', async () => {
    const { host } = await pair({ ...locked, path: '/api/mcp' }, { session: closedDoor() })
    host.send(initialize(1))
    host.send(INITIALIZED)
    host.send(request('tools/list', {}, 2))
    const { result } = await host.answer(1)
    expect(result).toMatchObject({
      protocolVersion: '2025-11-25',
      instructions: INSTRUCTIONS,
      serverInfo: { name: 'zuko-mcp' },
    })
    expect(names(await host.answer(2))).toEqual(TOOLS.map(({ name }) => name))
  })

  test('a Zuko server is introduced to a modern host too', async () => {
    const { host } = await pair({ ...locked, path: '/api/mcp' }, { session: closedDoor() })
    host.send(modernRequest('server/discover', {}, 1))
    host.send(modernRequest('tools/list', {}, 2))
    expect((await host.answer(1)).result).toMatchObject({
      supportedVersions: ['2026-07-28'],
      ttlMs: 0,
      cacheScope: 'private',
    })
    expect(names(await host.answer(2))).toHaveLength(TOOLS.length)
  })

  test('a stranger is introduced without tools, which are announced for later', async () => {
    const { host } = await pair(locked, { session: closedDoor() })
    host.send(initialize(1))
    host.send(request('tools/list', {}, 2))
    expect((await host.answer(1)).result.capabilities).toEqual({ tools: { listChanged: true } })
    expect(names(await host.answer(2))).toEqual([])
  })

  test('ping is answered', async () => {
    const { host } = await pair(locked, { session: closedDoor() })
    host.send(request('ping', undefined, 1))
    expect((await host.answer(1)).result).toEqual({})
  })

  test('the answers come while the login cannot even begin', async () => {
    const session = { ...closedDoor(), challenged: () => new Promise<never>(() => {}) }
    const { host } = await pair(locked, { session })
    host.send(initialize(1))
    expect((await host.answer(1)).result.capabilities).toEqual({ tools: { listChanged: true } })
  })
})

describe('what a server said last time', () => {
  test('is said again before the next login, by the same words', async () => {
    const first = await pair({ tools: [ECHO, { ...ECHO, name: 'odd', 'x-own': 1 }] }, { directory })
    first.host.send(initialize(1))
    first.host.send(modernRequest('server/discover', {}, 2))
    first.host.send(request('tools/list', {}, 3))
    const [introduced, , listed] = [
      await first.host.answer(1),
      await first.host.answer(2),
      await first.host.answer(3),
    ]
    await isKept('"odd"')
    await first.host.end()
    first.server.misbehave = (seen, response) => json(response, 401, failure(seen, -32001))

    const { openHost } = await import('../helpers/bridge.js')
    const host = openHost({ url: first.server.url, directory, session: closedDoor() })
    host.send(initialize(1))
    host.send(modernRequest('server/discover', {}, 2))
    host.send(request('tools/list', {}, 3))
    const listChanged = { tools: { listChanged: true } }
    expect((await host.answer(1)).result).toEqual({ ...introduced.result, capabilities: listChanged })
    expect((await host.answer(2)).result).toMatchObject({
      instructions: 'Be kind.',
      capabilities: listChanged,
    })
    expect((await host.answer(3)).result.tools).toEqual(listed.result.tools)
    await host.end()
  })

  test('is said again while the server is down', async () => {
    const first = await pair({}, { directory })
    first.host.send(initialize(1))
    await first.host.answer(1)
    await isKept('"initialize"')
    await first.host.end()
    await first.server.close()
    const { openHost } = await import('../helpers/bridge.js')
    const host = openHost({ url: first.server.url, directory })
    host.send(initialize(1))
    expect((await host.answer(1)).result.serverInfo.name).toBe('fake')
    host.send(request('tools/call', { name: 'echo' }, 2))
    expect((await host.answer(2)).error.message).toContain('refuses connections')
    await host.end()
  })

  test('holds all pages of a list', async () => {
    const first = await pair({}, { directory })
    first.server.misbehave = (seen, response) => {
      if (seen.body.method !== 'tools/list') return false
      const cursor = seen.body.params?.cursor
      const result = cursor
        ? { tools: [{ ...ECHO, name: 'b' }] }
        : { tools: [{ ...ECHO, name: 'a' }], nextCursor: 'c' }
      return json(response, 200, { jsonrpc: '2.0', id: seen.body.id, result })
    }
    first.host.send(initialize(1))
    await first.host.answer(1)
    first.host.send(request('tools/list', {}, 2))
    await first.host.answer(2)
    first.host.send(request('tools/list', { cursor: 'c' }, 3))
    await first.host.answer(3)
    await isKept('"b"')
    await first.host.end()
    first.server.misbehave = (seen, response) => json(response, 401, failure(seen, -32001))
    const { openHost } = await import('../helpers/bridge.js')
    const host = openHost({ url: first.server.url, directory, session: closedDoor() })
    host.send(request('tools/list', {}, 1))
    expect(names(await host.answer(1))).toEqual(['a', 'b'])
    await host.end()
  })

  test('is not said under another profile', async () => {
    const first = await pair({}, { directory })
    first.host.send(request('tools/list', {}, 1))
    await first.host.answer(1)
    await isKept('"tools"')
    await first.host.end()
    first.server.misbehave = (seen, response) => json(response, 401, failure(seen, -32001))
    const { openHost } = await import('../helpers/bridge.js')
    const host = openHost({ url: first.server.url, directory, session: closedDoor(), profile: 'other' })
    host.send(request('tools/list', {}, 1))
    expect(names(await host.answer(1))).toEqual([])
    await host.end()
  })
})

describe('once the login is done', () => {
  test('list_changed follows, and the server is introduced to the host’s own words', async () => {
    const session = closedDoor()
    const { server, host } = await pair({ ...locked, sessions: new Set() }, { session })
    host.send(initialize(1))
    await host.answer(1)
    host.send(INITIALIZED)
    host.send(request('tools/list', {}, 2))
    await host.answer(2)
    session.signIn('right')
    await host.message(isChanged)
    host.send(request('tools/list', {}, 3))
    expect(names(await host.answer(3))).toEqual(['echo'])
    expect(server.seen.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer right',
      'mcp-session-id': 's1',
    })
    expect(host.received.filter(isChanged)).toHaveLength(1)
  })

  test('a modern host hears it under the subscription that waited', async () => {
    const session = closedDoor()
    const { server, host } = await pair(locked, { session })
    host.send(modernRequest('server/discover', {}, 1))
    await host.answer(1)
    host.send(modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } }, 2))
    const acknowledged = await host.message(
      ({ method }) => method === 'notifications/subscriptions/acknowledged',
    )
    expect(acknowledged.params).toMatchObject({
      _meta: { 'io.modelcontextprotocol/subscriptionId': 2 },
      notifications: { toolsListChanged: true },
    })
    server.misbehave = ({ body }, response) => {
      if (body.method !== 'subscriptions/listen') return false
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(acknowledged)}\n\n`)
      return response.end(`data: {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete"}}\n\n`)
    }
    session.signIn('right')
    expect((await host.message(isChanged)).params._meta).toEqual({
      'io.modelcontextprotocol/subscriptionId': 2,
    })
    await host.answer(2)
    expect(
      host.received.filter(({ method }) => method === 'notifications/subscriptions/acknowledged'),
    ).toHaveLength(1)
  })

  test('nothing is announced to a host that the server itself answered', async () => {
    const session = closedDoor('right')
    const { host } = await pair(locked, { session })
    host.send(initialize(1))
    await host.answer(1)
    session.signIn('right')
    host.send(request('ping', undefined, 2))
    await host.answer(2)
    expect(host.received.filter(isChanged)).toEqual([])
  })
})

describe('a call that needs the login', () => {
  test('waits for it and goes through', async () => {
    const session = closedDoor()
    const { host } = await pair(locked, { session })
    host.send(request('tools/call', { name: 'echo', arguments: { text: 'a' } }, 1))
    await expect.poll(() => session.refusals).toHaveLength(1)
    session.signIn('right')
    expect((await host.answer(1)).result.content[0].text).toBe('a')
  })

  test('is answered with the address and “try again” when the host’s patience ends, while the login goes on', async () => {
    const session = closedDoor()
    const { host } = await pair(locked, { session, patienceMs: 100 })
    host.send(request('tools/call', { name: 'echo' }, 1))
    const { result } = await host.answer(1)
    expect(result.isError).toBe(true)
    expect(result.content[0].text).toContain(SIGN_IN_URL)
    expect(result.content[0].text).toContain('try again')
    session.signIn('right')
    host.send(request('tools/call', { name: 'echo' }, 2))
    expect((await host.answer(2)).result.isError).toBeUndefined()
  })

  test('is answered with an error where it calls no tool', async () => {
    const { host } = await pair(locked, { session: closedDoor(), patienceMs: 100 })
    host.send(request('resources/read', { uri: 'a:b' }, 1))
    expect((await host.answer(1)).error).toMatchObject({ data: { url: SIGN_IN_URL } })
  })

  test('is answered when the login fails', async () => {
    const session = {
      ...closedDoor(),
      challenged: async () => ({
        kind: 'failed' as const,
        message: 'No S256 there.',
        fix: 'ask its operator',
      }),
    }
    const { host } = await pair(locked, { session })
    host.send(request('tools/call', { name: 'echo' }, 1))
    expect((await host.answer(1)).result.content[0].text).toBe('No S256 there. Fix: ask its operator.')
  })

  test('is answered when the login is turned down later', async () => {
    const session = {
      ...closedDoor(),
      challenged: async () => ({
        kind: 'sign-in' as const,
        url: SIGN_IN_URL,
        done: Promise.reject(new Error('turned down')),
      }),
    }
    const { host } = await pair(locked, { session })
    host.send(request('tools/call', { name: 'echo' }, 1))
    expect((await host.answer(1)).result.content[0].text).toContain('turned down')
  })

  test('tells the login which token was refused, and by what words', async () => {
    const session = closedDoor('stale')
    session.renewed = 'right'
    const { host } = await pair(locked, { session })
    host.send(request('tools/call', { name: 'echo', arguments: { text: 'a' } }, 1))
    expect((await host.answer(1)).result.content[0].text).toBe('a')
    expect(session.refusals).toEqual([{ status: 401, wwwAuthenticate: 'Bearer', token: 'stale' }])
  })

  test.each(['Bearer error="insufficient_scope", scope="a b"', 'Bearer scope="a b"'])(
    'asks for more scopes where the server does with %s',
    async (challenge) => {
      const session = closedDoor('narrow')
      session.renewed = 'wide'
      const { server, host } = await pair({}, { session })
      server.misbehave = (seen, response) =>
        seen.headers.authorization === 'Bearer wide'
          ? false
          : json(response, 403, failure(seen, -32001), { 'www-authenticate': challenge })
      host.send(request('tools/call', { name: 'echo', arguments: { text: 'a' } }, 1))
      expect((await host.answer(1)).result.content[0].text).toBe('a')
      expect(session.refusals).toEqual([{ status: 403, wwwAuthenticate: challenge, token: 'narrow' }])
    },
  )

  test('gives up after a few refusals with the server’s own words', async () => {
    const session = closedDoor('a')
    session.renewed = 'b'
    const { server, host } = await pair(locked, { session })
    host.send(request('tools/call', { name: 'echo' }, 1))
    expect((await host.answer(1)).error.message).toBe('unauthorized')
    expect(server.bodies('tools/call')).toHaveLength(4)
  })

  test('is dropped when it is cancelled', async () => {
    const session = closedDoor()
    const { host } = await pair(locked, { session })
    host.send(request('tools/call', { name: 'echo' }, 1))
    await expect.poll(() => session.refusals).toHaveLength(1)
    host.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
    session.signIn('right')
    host.send(request('ping', undefined, 2))
    await host.answer(2)
    expect(host.received.map(({ id }) => id)).not.toContain(1)
  })
})

test('a token is sent to the server alone, not to where it redirects', async () => {
  const elsewhere = await pair()
  const { server, host } = await pair({}, { session: closedDoor('right') })
  server.misbehave = (_, response) => response.writeHead(307, { location: elsewhere.server.url.href }).end()
  host.send(request('tools/call', { name: 'echo' }, 1))
  expect((await host.answer(1)).error.message).toContain(elsewhere.server.url.href)
  expect(elsewhere.server.seen).toEqual([])
})

test('the person’s own headers go along with every request', async () => {
  const { server, host } = await pair({}, { headers: { 'X-Team': 'blue', Authorization: 'Basic abc' } })
  host.send(request('tools/call', { name: 'echo' }, 1))
  await host.answer(1)
  expect(server.seen[0]?.headers).toMatchObject({ 'x-team': 'blue', authorization: 'Basic abc' })
})
