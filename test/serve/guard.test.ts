import { importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicUrls } from '../../src/config.js'
import { ZukoError } from '../../src/errors.js'
import { createLog } from '../../src/log.js'
import { createGuard } from '../../src/serve/guard.js'
import { CLIENT, rpc, START, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { listen, send } from '../helpers/http.js'
import { accessClaims } from '../helpers/tokens.js'

let at: TestEndpoint
beforeAll(async () => {
  at = await startEndpoint()
})
afterAll(() => at.close())

const now = START.getTime() / 1000
const own = (changed: Record<string, unknown> = {}) =>
  at.signer.sign(accessClaims(at.origin, START, { sub: String(at.ada), ...changed }))
const challenge = () =>
  `Bearer resource_metadata="${at.origin}/.well-known/oauth-protected-resource/api/mcp", scope="organizations:read tasks:read tasks:write"`

describe('a good token', () => {
  const accepted: Record<string, () => string | Promise<string>> = {
    'as we sign it': () => own(),
    'that expired 29 seconds ago': () => own({ iat: now - 600, exp: now - 29 }),
    'from a clock 29 seconds ahead': () => own({ iat: now + 29 }),
    'with claims that we do not know': () => own({ email: 'ada@example.com', nbf: now }),
    'with scopes that we do not know': () => own({ scope: 'openid tasks:read' }),
  }
  test.each(Object.keys(accepted))('is accepted %s', async (name) => {
    const answer = await at.ask(rpc('modern', 'tools/list'), await accepted[name]?.())
    expect(answer.status).toBe(200)
  })

  test('may come under any spelling of the scheme', async () => {
    const { headers, body } = rpc('legacy', 'ping')
    const authorization = `bEARER ${await own()}`
    expect(
      (await send(at.port, { headers: { ...(headers as object), authorization }, body: body ?? '' })).status,
    ).toBe(200)
  })

  test('is refused once it expires, although it was verified before', async () => {
    const token = await own()
    expect((await at.ask(rpc('legacy', 'ping'), token)).status).toBe(200)
    at.clock.now = new Date(START.getTime() + 631_000)
    expect((await at.ask(rpc('legacy', 'ping'), token)).status).toBe(401)
    at.clock.now = START
  })
})

describe('where the token comes from', () => {
  const bare: [string, Record<string, string>, string][] = [
    ['no Authorization', {}, '/api/mcp'],
    ['another scheme', { authorization: 'Basic YTpi' }, '/api/mcp'],
    ['a token in the query', {}, '/api/mcp?access_token=TOKEN'],
    ['a token in a cookie', { cookie: 'access_token=TOKEN' }, '/api/mcp'],
    ['a token in another header', { 'x-access-token': 'TOKEN' }, '/api/mcp'],
  ]
  test.each(bare)('counts %s as no token', async (_name, headers, path) => {
    const token = await own()
    const put = (text: string) => text.replace('TOKEN', token)
    const filled = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, put(value)]))
    const answer = await send(at.port, {
      path: put(path),
      headers: { 'content-type': 'application/json', ...filled },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(challenge())
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: 401 } })
  })

  test.each(['Authorization', 'Host'])('refuses two %s headers', async (name) => {
    const value = name === 'Host' ? `127.0.0.1:${at.port}` : `Bearer ${await own()}`
    const rest =
      name === 'Host' ? ['Authorization', `Bearer ${await own()}`] : ['Host', `127.0.0.1:${at.port}`]
    const headers = [...rest, 'Content-Type', 'application/json', name, value, name.toLowerCase(), value]
    const answer = await send(at.port, {
      headers,
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    })
    expect(answer.status).toBe(400)
    expect(answer.json().error).toMatchObject({
      code: -32600,
      message: expect.stringContaining(name.toLowerCase()),
    })
  })
})

describe('what changes after the token was issued counts at the next call', () => {
  let fresh: TestEndpoint
  beforeAll(async () => {
    fresh = await startEndpoint()
  })
  afterAll(() => fresh.close())
  const call = (token: string) =>
    fresh.ask(rpc('modern', 'tools/call', { name: 'list_organizations' }), token)

  test('a disabled person is refused', async () => {
    const token = await fresh.token(fresh.grace)
    expect((await call(token)).status).toBe(200)
    await fresh.store.people.setDisabled(fresh.grace, START.getTime())
    const answer = await call(token)
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('invalid_token'),
    ])
    expect(answer.text).not.toContain('Globex')
  })

  test('a removed grant ends its tokens, and a new grant does not bring them back', async () => {
    const token = await fresh.token(fresh.ada)
    expect((await call(token)).text).toContain('Acme')
    await fresh.store.grants.revoke(fresh.ada, CLIENT)
    expect((await call(token)).status).toBe(401)
    const later = START.getTime() + 5000
    await fresh.store.grants.ensure({
      userId: fresh.ada,
      clientId: CLIENT,
      clientName: 'Test',
      scopes: ['tasks:read'],
      at: later,
    })
    expect((await call(token)).status).toBe(401)
    fresh.clock.now = new Date(later)
    expect((await call(await fresh.token(fresh.ada))).status).toBe(200)
  })
})

describe('what cannot be known is 503, never a pass and never a 500', () => {
  const broken: [string, unknown][] = [
    ['our own error', new ZukoError('UNAVAILABLE', 'The store is busy.')],
    ['a driver’s error', Object.assign(new Error('SELECT secret'), { code: 'SQLITE_IOERR' })],
    ['a thrown word', 'oops'],
  ]
  test.each(broken)('when the store throws %s', async (_name, error) => {
    const urls = publicUrls(at.origin)
    const throws = () => Promise.reject(error)
    const guard = createGuard({
      urls,
      keys: { find: async () => (await importJWK(at.signer.publicJwk, 'EdDSA')) as CryptoKey },
      principals: { byId: throws, bySubject: throws },
      log: createLog('silent'),
      now: () => START,
    })
    const listening = await listen(async (req, res) => {
      const checked = await guard.check(req, 'request-1')
      res.end(JSON.stringify(checked))
    })
    const answer = await send(listening.port, { headers: { authorization: `Bearer ${await own()}` } })
    await listening.close()
    expect(answer.json().refusal).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
    expect(answer.text).not.toContain('secret')
  })
})
