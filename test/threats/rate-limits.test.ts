import { afterEach, describe, expect, test } from 'vitest'
import { addressKey } from '../../src/serve/address.js'
import type { Answer, Sent } from '../helpers/http.js'
import { addPersonIn, startTarget, type Target } from '../helpers/target.js'

const none = { perSecond: 1 / 3600, burst: 3 }
const FEW = { address: none, signIn: none, account: none, register: none }

let target: Target
const start = async (trustProxy = 0) => {
  target = await startTarget({ allowances: FEW, trustProxy })
}

const ask = (sent: Sent, forwarded?: string): Promise<Answer> => {
  if (forwarded === undefined) return target.ask(sent)
  return target.ask({ ...sent, headers: { ...(sent.headers as object), 'x-forwarded-for': forwarded } })
}
/** Statuses of so many of the same request, one after another. */
const statuses = async (sent: Sent, times: number, forwarded?: (index: number) => string) => {
  const all: number[] = []
  for (let index = 0; index < times; index++) all.push((await ask(sent, forwarded?.(index))).status)
  return all
}

const json = { 'content-type': 'application/json' }
const forged = { authorization: 'Bearer e30.e30.AAAA' }
const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
const nobody: Sent = { headers: json, body: ping }
const get = (path: string): Sent => ({ method: 'GET', path })
const form = (path: string): Sent => ({
  path,
  headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
  body: 'a=b',
})

describe('whoever has no valid token', () => {
  afterEach(() => target.close())
  const everything: [string, Sent][] = [
    ['the endpoint without a token', nobody],
    ['the endpoint with a forged token', { headers: { ...json, ...forged }, body: ping }],
    ['the front page', get('/')],
    ['a page that is not there', get('/nothing')],
    ['the stylesheet', get('/assets/style.css')],
    ['the metadata of the resource', get('/.well-known/oauth-protected-resource/api/mcp')],
    ['the metadata of the issuer', get('/.well-known/oauth-authorization-server/auth')],
    ['the keys', get('/auth/jwks')],
    ['authorization', get('/auth/oauth2/authorize')],
    ['the token endpoint', form('/auth/oauth2/token')],
    ['revocation', form('/auth/oauth2/revoke')],
    ['registration', { path: '/auth/oauth2/register', headers: json, body: '{}' }],
    ['the sign-in page', get('/auth/sign-in')],
    ['signing in', form('/auth/sign-in')],
    ['consenting', form('/auth/consent')],
    ['the probe of life', get('/healthz')],
    ['the probe of readiness', get('/readyz')],
  ]

  test.each(everything)('%s is limited per address', async (_name, sent) => {
    await start()
    expect(await statuses(sent, none.burst)).not.toContain(429)
    const answer = await ask(sent)
    expect(answer.status).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })

  test('is told in JSON-RPC when to come back', async () => {
    await start()
    await statuses(nobody, none.burst)
    const answer = await ask(nobody)
    const seconds = answer.headers['retry-after']
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: 429 } })
    expect(answer.json().error.message).toMatch(/^RATE_LIMITED: .* Fix: /)
    expect(answer.json().error.message).toContain(`in ${seconds} s`)
  })

  test('keeps out nobody at the same address who has one', async () => {
    await start()
    const { userId } = await addPersonIn(target, 'Acme')
    const token = await target.tokenFor(userId)
    expect(await statuses(nobody, none.burst + 1)).toContain(429)
    const headers = { ...json, authorization: `Bearer ${token}` }
    expect((await ask({ headers, body: ping })).status).toBe(200)
  })

  test('cannot make the process look dead by a flood of other requests', async () => {
    await start()
    expect(await statuses(get('/'), none.burst + 1)).toContain(429)
    expect((await ask(get('/healthz'))).status).toBe(200)
  })
})

describe('a forwarded address', () => {
  afterEach(() => target.close())
  const each = (index: number) => `198.51.100.${index}`

  test('counts for nothing when no proxy is trusted', async () => {
    await start()
    for (const sent of [nobody, get('/')]) expect(await statuses(sent, none.burst + 1, each)).toContain(429)
  })

  test('is the caller’s when one proxy is trusted', async () => {
    await start(1)
    for (const sent of [nobody, get('/')]) {
      expect(await statuses(sent, none.burst + 1, each)).not.toContain(429)
      expect(await statuses(sent, none.burst + 1, () => '203.0.113.9')).toContain(429)
    }
  })

  test('that the caller made up counts for nothing before the one that the proxy added', async () => {
    await start(1)
    const spoofed = (index: number) => `${each(index)}, 203.0.113.9`
    for (const sent of [nobody, get('/')])
      expect(await statuses(sent, none.burst + 1, spoofed)).toContain(429)
  })
})

describe('an allowance belongs', () => {
  test.each([
    ['to an IPv4 address', '203.0.113.7', '203.0.113.7'],
    ['to the same as IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
    ['to the same with a port', '203.0.113.7:5678', '203.0.113.7'],
    ['to the /64 of an IPv6 address', '2001:db8:0:1::1', '20010db800000001/64'],
    ['to the same /64 from its other end', '2001:db8:0:1:ffff:ffff:ffff:ffff', '20010db800000001/64'],
    ['to the same /64 with a port', '[2001:db8:0:1::2]:5678', '20010db800000001/64'],
    ['to another /64 apart', '2001:db8:0:2::1', '20010db800000002/64'],
    ['to all that is no address together', '<script>', 'unknown'],
    ['to all without an address together', undefined, 'unknown'],
  ])('%s', (_name, address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})
