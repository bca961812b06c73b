import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicUrls } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { createGuard } from '../../src/serve/guard.js'
import { keysApart, remoteKeys } from '../../src/serve/remote-keys.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { type Listening, listen, send } from '../helpers/http.js'
import { accessClaims, createSigner, type Signer } from '../helpers/tokens.js'

const BACKEND = 'https://crm.example'
const NOW = new Date('2026-03-01T12:00:00.000Z')
const now = NOW.getTime() / 1000
const log = createLog('silent')

let store: OpenStore
let authorization: Listening
let guarded: Listening
let ada: number
let signers: Record<string, Signer>
let single: Signer

/** An authorization server that runs apart: it has two EdDSA keys and one of each other algorithm. */
beforeAll(async () => {
  store = await openStore(':memory:')
  ada = (await store.people.add({ name: 'Ada', email: 'ada@example.com', at: 0 })).id
  const names = ['EdDSA', 'ES256', 'PS256', 'RS256']
  const made = await Promise.all(names.map(async (alg) => [alg, await createSigner(alg)] as const))
  signers = Object.fromEntries(made)
  single = await createSigner()
  const keys = [...Object.values(signers), single].map(({ publicJwk, kid, alg }) => ({
    ...publicJwk,
    kid,
    alg,
  }))
  const symmetric = {
    kty: 'oct',
    kid: 'shared',
    alg: 'HS256',
    k: Buffer.from('secret').toString('base64url'),
  }
  authorization = await listen((_req, res) => {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ keys: [...keys, symmetric] }))
  })
  await store.people.link({
    userId: ada,
    issuer: `${authorization.origin}/auth`,
    subject: 'subject-of-ada',
    at: 0,
  })
  const guard = createGuard({
    urls: publicUrls(BACKEND),
    authUrl: authorization.origin,
    keys: remoteKeys(keysApart(authorization.origin), { log, now: () => NOW.getTime() }),
    principals: store.principals,
    log,
    now: () => NOW,
  })
  guarded = await listen(
    async (req, res) => void res.end(JSON.stringify(await guard.check(req, 'request-1'))),
  )
})
afterAll(async () => {
  await Promise.all([authorization.close(), guarded.close()])
  await store.close()
})

const foreign = (claims: Record<string, unknown> = {}) =>
  accessClaims(BACKEND, NOW, { iss: `${authorization.origin}/auth`, sub: 'subject-of-ada', ...claims })
const check = async (token: string) =>
  (await send(guarded.port, { headers: { authorization: `Bearer ${token}` } })).json()
const signed = (claims: Record<string, unknown>, header: Record<string, unknown> = {}, alg = 'ES256') =>
  signers[alg]?.sign(claims, header) ?? Promise.reject(new Error(alg))

describe('a token of another product', () => {
  test.each(['EdDSA', 'ES256', 'PS256', 'RS256'])('is accepted with %s', async (alg) => {
    const { caller } = await check(await signed(foreign(), {}, alg))
    expect(caller).toEqual({ userId: ada, clientId: 'client-1', requestId: 'request-1' })
  })

  test.each([undefined, 'JWT', 'at+jwt'])('may have typ %s', async (typ) => {
    expect(await check(await signed(foreign(), { typ }))).toHaveProperty('caller.userId', ada)
  })

  test('may leave out the kid where one key fits', async () => {
    expect(await check(await signed(foreign(), { kid: undefined }))).toHaveProperty('caller.userId', ada)
  })

  test('may leave out jti, iat and client_id', async () => {
    const { jti, iat, client_id, ...rest } = foreign()
    expect(await check(await signed(rest))).toHaveProperty('caller.clientId', '')
  })

  test('may name its client azp and its scopes scp', async () => {
    const { client_id, scope, ...rest } = foreign({ azp: 'client-9', scp: ['tasks:read', 'profile'] })
    const principal = await check(await signed(rest))
    expect(principal).toMatchObject({ caller: { clientId: 'client-9' }, scopes: ['tasks:read'] })
  })

  test.each([
    ['its only audience', [`${BACKEND}/api/mcp`]],
    ['one of its audiences', ['account', `${BACKEND}/api/mcp`]],
  ])('may list our resource as %s', async (_name, aud) => {
    expect(await check(await signed(foreign({ aud })))).toHaveProperty('caller.userId', ada)
  })
})

describe('whom the subject names', () => {
  test('our own issuer’s subject is the person’s id, without a grant of ours', async () => {
    const token = await signed(foreign({ iss: `${BACKEND}/auth`, sub: String(ada) }))
    expect(await check(token)).toHaveProperty('caller.userId', ada)
  })

  test.each([
    ['a foreign subject that nobody tied', () => foreign({ sub: 'subject-of-eve' })],
    ['a foreign subject that looks like an id', () => foreign({ sub: String(ada) })],
    ['an own subject that is nobody’s id', () => foreign({ iss: `${BACKEND}/auth`, sub: '999' })],
    ['an own subject that is no id', () => foreign({ iss: `${BACKEND}/auth`, sub: 'subject-of-ada' })],
  ])('%s is somebody without organizations', async (_name, claims) => {
    expect(await check(await signed(claims()))).toHaveProperty('caller.userId', 0)
  })

  test('a disabled person is refused', async () => {
    await store.people.setDisabled(ada, NOW.getTime())
    const linked = await check(await signed(foreign()))
    const own = await check(await signed(foreign({ iss: `${BACKEND}/auth`, sub: String(ada) })))
    await store.people.setDisabled(ada, null)
    expect([linked.refusal.status, own.refusal.status]).toEqual([401, 401])
  })
})

describe('what always holds', () => {
  const without = (name: string) => {
    const { [name]: _, ...rest } = foreign() as Record<string, unknown>
    return rest
  }
  const refused: [string, () => Promise<string>][] = [
    ['another issuer', () => signed(foreign({ iss: 'https://elsewhere.example/auth' }))],
    ['no issuer', () => signed(without('iss'))],
    ['another audience', () => signed(foreign({ aud: 'https://elsewhere.example' }))],
    ['audiences without ours', () => signed(foreign({ aud: ['account', 'https://elsewhere.example'] }))],
    ['our resource with a slash', () => signed(foreign({ aud: `${BACKEND}/api/mcp/` }))],
    ['no audience in a list', () => signed(foreign({ aud: [] }))],
    ['an audience that is no text', () => signed(foreign({ aud: [`${BACKEND}/api/mcp`, 1] }))],
    ['no audience', () => signed(without('aud'))],
    ['no exp', () => signed(without('exp'))],
    ['exp that has passed', () => signed(foreign({ iat: now - 600, exp: now - 31 }))],
    ['a life of 25 hours', () => signed(foreign({ exp: now + 25 * 3600 }))],
    ['a life of 25 hours without iat', () => signed({ ...without('iat'), exp: now + 25 * 3600 })],
    ['no sub', () => signed(without('sub'))],
    ['an empty sub', () => signed(foreign({ sub: '' }))],
    ['a client_id that is a number', () => signed(foreign({ client_id: 1 }))],
    ['a scope that is a list', () => signed(foreign({ scope: ['tasks:read'] }))],
    ['typ of another kind', () => signed(foreign(), { typ: 'logout+jwt' })],
    ['no kid where two keys fit', () => signed(foreign(), { kid: undefined }, 'EdDSA')],
    ['a kid of another algorithm’s key', () => signed(foreign(), { kid: signers.RS256?.kid }, 'PS256')],
    ['a symmetric key of the set', async () => hmac()],
    ['an algorithm that is not listed', async () => (await createSigner('ES384')).sign(foreign())],
  ]
  const hmac = async () => {
    const { SignJWT } = await import('jose')
    return new SignJWT(foreign())
      .setProtectedHeader({ alg: 'HS256', kid: 'shared' })
      .sign(Buffer.from('secret'))
  }
  test.each(refused)('refuses %s', async (_name, mint) => {
    const { refusal } = await check(await mint())
    expect(refusal.status).toBe(401)
    expect(refusal.headers['WWW-Authenticate']).toContain('error="invalid_token"')
  })
})
