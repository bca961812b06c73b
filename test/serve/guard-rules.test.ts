/** The guard and its verifier, rule by rule, each made in its own test. The attacks: test/threats/forged-tokens.test.ts. */
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ForeignServer, publicUrls } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { OWN_NAMES } from '../../src/scope-names.js'
import { createGuard, type GuardOptions } from '../../src/serve/guard.js'
import { type KeySource, localKeys } from '../../src/serve/key-source.js'
import { foreignTokens, isCurrent, ownTokens, verifyToken } from '../../src/serve/token.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { CLIENT, START } from '../helpers/endpoint.js'
import { accessClaims, createSigner, type Signer } from '../helpers/tokens.js'

const BASE = 'https://crm.example'
const urls = publicUrls(BASE)
const FOREIGN = 'https://login.example/'
const MAX_ID = 2 ** 31 - 1
const seconds = START.getTime() / 1000

let store: OpenStore
let signer: Signer
let ada: number
beforeAll(async () => {
  store = await openStore(':memory:')
  signer = await createSigner()
  await store.keys.add(signer.stored)
  const at = START.getTime() - 3600_000
  ada = (await store.people.add({ name: 'Ada', email: 'ada@example.com', at })).id
  await store.grants.ensure({ userId: ada, clientId: CLIENT, clientName: 'Test', scopes: [...SCOPES], at })
})
afterAll(() => store.close())

/** The keys of the store, counting how often they are asked for. */
function counted(): KeySource & { asked: number } {
  const keys = localKeys(store.keys, () => START.getTime())
  return {
    asked: 0,
    find(header) {
      this.asked += 1
      return keys.find(header)
    },
  }
}

const signed = (changed: Record<string, unknown> = {}, header = {}) =>
  signer.sign(accessClaims(BASE, START, { sub: String(ada), ...changed }), header)

const request = (authorization?: string) =>
  ({
    headers: authorization === undefined ? {} : { authorization },
    rawHeaders: authorization === undefined ? [] : ['Authorization', authorization],
  }) as unknown as IncomingMessage

function guard(more: Partial<GuardOptions> = {}) {
  const lines: string[] = []
  const log = createLog(
    'trace',
    new PassThrough().on('data', (line) => lines.push(String(line))),
  )
  const keys = localKeys(store.keys, () => START.getTime())
  const made = createGuard({ urls, keys, principals: store.principals, log, now: () => START, ...more })
  return {
    lines,
    check: (authorization?: string) => made.check(request(authorization), 'request-1'),
    withToken: async (changed: Record<string, unknown> = {}) =>
      made.check(request(`Bearer ${await signed(changed)}`), 'request-1'),
  }
}
const status = (checked: unknown) => (checked as { refusal?: { status: number } }).refusal?.status ?? 200
const told = (checked: unknown) =>
  (checked as { refusal: { headers: Record<string, string> } }).refusal.headers['WWW-Authenticate'] ?? ''

describe('the Authorization header', () => {
  test.each([[undefined], ['xbearer x'], ['Bearerx'], ['Basic bearer x'], ['bearerbearer x']])(
    '%j holds no token',
    async (authorization) => {
      const checked = await guard().check(authorization)
      expect([status(checked), told(checked).includes('error=')]).toEqual([401, false])
    },
  )

  test.each(['Bearer', 'bearer ', 'BEARER x', 'Bearer  x'])('%j holds a wrong one', async (authorization) => {
    const checked = await guard().check(authorization)
    expect([status(checked), told(checked).includes('error="invalid_token"')]).toEqual([401, true])
  })

  test('may have several spaces before the token', async () => {
    expect(status(await guard().check(`Bearer   ${await signed()}`))).toBe(200)
  })
})

describe('a principal', () => {
  test('is the person, the client and the scopes of the token', async () => {
    expect(await guard().withToken({ scope: 'tasks:read x' })).toEqual({
      caller: { userId: ada, clientId: CLIENT, requestId: 'request-1' },
      scopes: ['tasks:read'],
    })
  })

  test.each(['0', '01', ' 1', '1 ', '1x', '1.0', '-1', '1e0', 'x', '4294967297', '9'.repeat(11)])(
    'is none for the subject %j, which is no id of ours',
    async (sub) => {
      const asked: number[] = []
      const byId = async (id: number) => {
        asked.push(id)
        return { userId: ada, disabled: false, grantedAt: 0 }
      }
      const checked = await guard({ principals: { ...store.principals, byId } }).withToken({ sub })
      expect([status(checked), asked]).toEqual([401, []])
    },
  )

  test('may have the highest id', async () => {
    const byId = async (userId: number) => ({ userId, disabled: false, grantedAt: 0 })
    const own = guard({ principals: { ...store.principals, byId } })
    expect(status(await own.withToken({ sub: String(MAX_ID) }))).toBe(200)
    expect(status(await own.withToken({ sub: String(MAX_ID + 1) }))).toBe(401)
    expect(status(await own.withToken({ sub: '12' }))).toBe(200)
  })

  test('is none without a grant, and none for a token that is older than the grant', async () => {
    const granted = (grantedAt: number | undefined) =>
      guard({
        principals: {
          ...store.principals,
          byId: async () => ({ userId: ada, disabled: false, grantedAt }),
        },
      }).withToken()
    expect(status(await granted(undefined))).toBe(401)
    expect(status(await granted(START.getTime() + 999))).toBe(200)
    expect(status(await granted(START.getTime() + 1000))).toBe(401)
  })
})

describe('role mcp', () => {
  const bySubject = (issuer: string, subject: string) =>
    Promise.resolve(issuer === FOREIGN && subject === 'ada' ? { userId: 77, disabled: false } : undefined)
  const principals = () => ({ ...store.principals, bySubject })
  const foreign: ForeignServer = { issuer: FOREIGN, scopeNames: { ...OWN_NAMES, 'tasks:read': 'crm' } }

  test('knows another product’s people by their subject, and its scopes by its names', async () => {
    const behind = guard({ principals: principals(), foreign })
    expect(await behind.withToken({ iss: FOREIGN, sub: 'ada', scope: 'crm' })).toMatchObject({
      caller: { userId: 77 },
      scopes: ['tasks:read'],
    })
    expect(told(await behind.check())).toContain('crm')
  })

  test('takes no id of another product for one of ours', async () => {
    const behind = guard({ principals: principals(), foreign })
    expect(await behind.withToken({ iss: FOREIGN, sub: String(ada) })).toMatchObject({
      caller: { userId: 0 },
    })
    expect(status(await behind.withToken({ iss: urls.issuer }))).toBe(401)
  })

  test('knows our own server’s people by their id', async () => {
    const behind = guard({ principals: principals(), authUrl: 'https://login.crm.example' })
    expect(await behind.withToken()).toMatchObject({ caller: { userId: ada } })
    expect(await behind.withToken({ sub: 'x1' })).toMatchObject({ caller: { userId: 0 } })
    const apart = { iss: 'https://login.crm.example/auth', sub: String(ada) }
    expect(await behind.withToken(apart)).toMatchObject({ caller: { userId: 0 } })
    expect(status(await behind.withToken({ iss: 'https://login.crm.example' }))).toBe(401)
  })

  test('asks for no person by what is no id', async () => {
    const byId = () => Promise.reject(new Error('asked'))
    const behind = guard({ principals: { ...principals(), byId }, authUrl: 'https://login.crm.example' })
    expect(status(await behind.withToken({ sub: 'x1' }))).toBe(200)
  })
})

describe('what was verified', () => {
  test('is not verified again while it holds', async () => {
    const keys = counted()
    const checking = guard({ keys })
    const authorization = `Bearer ${await signed()}`
    for (let call = 0; call < 3; call += 1) expect(status(await checking.check(authorization))).toBe(200)
    expect(keys.asked).toBe(1)
    await checking.check(`Bearer ${await signed({ jti: 'another' })}`)
    expect(keys.asked).toBe(2)
  })

  test('is verified again once its times do not hold', async () => {
    const keys = counted()
    let now = START
    const checking = guard({ keys, now: () => now })
    const authorization = `Bearer ${await signed()}`
    expect(status(await checking.check(authorization))).toBe(200)
    now = new Date(START.getTime() + 629_000)
    expect(status(await checking.check(authorization))).toBe(200)
    expect(keys.asked).toBe(1)
    now = new Date(START.getTime() + 630_000)
    expect(status(await checking.check(authorization))).toBe(401)
    expect(keys.asked).toBe(2)
  })

  test('and found wrong is not remembered as good', async () => {
    const checking = guard()
    const authorization = `Bearer ${await signed({ aud: 'https://other.example' })}`
    for (let call = 0; call < 2; call += 1) expect(status(await checking.check(authorization))).toBe(401)
  })
})

test('what cannot be known is 503, and the log says for which request', async () => {
  const checking = guard({ principals: { ...store.principals, byId: () => Promise.reject(new Error('x')) } })
  const checked = await checking.withToken()
  expect(status(checked)).toBe(503)
  expect(JSON.stringify(checked)).toContain('The store of people or keys')
  expect(checking.lines.join('')).toContain('"requestId":"request-1"')
  expect(checking.lines.join('')).toContain('"msg":"caller not checked"')
})

describe('the verifier', () => {
  const own = ownTokens(urls.issuer, urls.resource)
  const other = foreignTokens([urls.issuer], urls.resource)
  const verify = (token: string, policy = own, keys: KeySource = counted()) =>
    verifyToken(token, policy, keys, START)

  test('says what is in a token', async () => {
    expect(await verify(await signed())).toEqual({
      issuer: urls.issuer,
      subject: String(ada),
      clientId: CLIENT,
      scopes: [...SCOPES],
      issuedAt: seconds,
      expiresAt: seconds + 600,
    })
  })

  const times: [string, Record<string, unknown>, boolean][] = [
    ['issued 30 s from now', { iat: seconds + 30, exp: seconds + 600 }, true],
    ['issued 31 s from now', { iat: seconds + 31, exp: seconds + 600 }, false],
    ['of 15 minutes', { exp: seconds + 900 }, true],
    ['of 15 minutes and a second', { exp: seconds + 901 }, false],
    ['that ended 29 s ago', { iat: seconds - 600, exp: seconds - 29 }, true],
    ['that ended 30 s ago', { iat: seconds - 600, exp: seconds - 30 }, false],
  ]
  test.each(times)('takes a token %s: %s, %j', async (_name, changed, good) => {
    expect((await verify(await signed(changed))) !== undefined).toBe(good)
  })

  test('takes another product’s token for a day at most, counted from now where it does not say since when', async () => {
    const life = (exp: number) => signed({ iat: undefined, exp: seconds + exp })
    expect(await verify(await life(86_400), other)).toMatchObject({ issuedAt: undefined })
    expect(await verify(await life(86_401), other)).toBeUndefined()
  })

  test('takes another product’s scopes as words or as a list, and none for none', async () => {
    const scopesOf = async (changed: Record<string, unknown>) =>
      (await verify(await signed({ scope: undefined, ...changed }), other))?.scopes
    expect(await scopesOf({ scp: ['tasks:read'] })).toEqual(['tasks:read'])
    expect(await scopesOf({ scope: 'tasks:write', scp: ['tasks:read'] })).toEqual(['tasks:write'])
    expect(await scopesOf({})).toEqual([])
  })

  test('takes another product’s client from client_id, azp or nowhere', async () => {
    const client = async (changed: Record<string, unknown>) =>
      (await verify(await signed({ client_id: undefined, ...changed }), other))?.clientId
    expect(await client({ azp: 'a' })).toBe('a')
    expect(await client({ azp: 'a', client_id: 'b' })).toBe('b')
    expect(await client({})).toBe('')
  })

  test.each([
    ['at+jwt', true],
    ['JWT', true],
    ['jwt', true],
    [undefined, true],
    ['at+jwtx', false],
    ['xjwt', false],
    ['', false],
    [1, false],
    [['jwt'], false],
  ])('takes another product’s token of the type %j: %j', async (typ, good) => {
    expect((await verify(await signed({}, { typ }), other)) !== undefined).toBe(good)
  })

  const fits = {
    find: async () =>
      await localKeys(store.keys, () => START.getTime()).find({ alg: 'EdDSA', kid: signer.kid }),
  }
  test.each([
    ['k'.repeat(128), true],
    ['k'.repeat(129), false],
    ['', false],
    ['k\n', false],
    ['\nk', false],
    ['ké', false],
    [1, false],
    [['k'], false],
  ])('looks for a key %j: %j', async (kid, good) => {
    expect((await verify(await signed({}, { kid }), own, fits)) !== undefined).toBe(good)
  })

  test('looks for no key by a header that does not hold', async () => {
    const keys = counted()
    await verify(await signed({}, { typ: 'JWT' }), own, keys)
    await verify(await signed({}, { kid: undefined }), own, keys)
    expect(keys.asked).toBe(0)
  })

  test('takes 8192 bytes and no more', async () => {
    const ofLength = async (bytes: number) => {
      for (let fill = 5000; fill < 7000; fill += 1) {
        const token = await signed({ fill: 'x'.repeat(fill) })
        if (token.length >= bytes) return token
      }
      throw new Error('no such token')
    }
    const [longest, longer] = [await ofLength(8192), await ofLength(8193)]
    if (longest.length === 8192) expect(await verify(longest)).toBeDefined()
    expect(await verify(longer)).toBeUndefined()
  })

  test.each([
    ['', 'a part'],
    ['.', 'two parts'],
    ['..', 'nothing in them'],
    ['a.b.c.d', 'four parts'],
    ['YQ==.YQ.YQ', 'padding'],
    ['YR.YQ.YQ', 'a second spelling'],
  ])('looks into no token %j of %s', async (token) => {
    const keys = counted()
    expect(await verify(token, own, keys)).toBeUndefined()
    expect(keys.asked).toBe(0)
  })

  test('says that nothing can be said where keys cannot be had, and undefined where none fits', async () => {
    const down = { find: () => Promise.reject(new Error('down')) }
    await expect(verify(await signed(), own, down)).rejects.toThrow('down')
    expect(await verify(await signed(), own, { find: async () => undefined })).toBeUndefined()
  })

  test('knows when a token is over', () => {
    expect(isCurrent({ expiresAt: 100 }, 129.9)).toBe(true)
    expect(isCurrent({ expiresAt: 100 }, 130)).toBe(false)
  })
})
