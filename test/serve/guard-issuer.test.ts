import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicUrls } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { OWN_NAMES } from '../../src/scope-names.js'
import { createGuard } from '../../src/serve/guard.js'
import { foreignKeys, remoteKeys } from '../../src/serve/remote-keys.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { type Listening, listen, send } from '../helpers/http.js'
import { accessClaims, createSigner, type Signer } from '../helpers/tokens.js'

const BACKEND = 'https://crm.example'
const NOW = new Date('2026-03-01T12:00:00.000Z')
const scopeNames = { ...OWN_NAMES, 'tasks:read': 'crm.read', 'tasks:write': 'crm.write' }
const log = createLog('silent')

let store: OpenStore
let provider: Listening
let guarded: Listening
let signer: Signer
let issuer: string
let ada: number

beforeAll(async () => {
  store = await openStore(':memory:')
  ada = (await store.people.add({ name: 'Ada', email: 'ada@example.com', at: 0 })).id
  signer = await createSigner('RS256')
  provider = await listen((req, res) => {
    const keySet = { keys: [{ ...signer.publicJwk, kid: signer.kid, alg: 'RS256', use: 'sig' }] }
    const metadata = { issuer, jwks_uri: `${issuer}/certs` }
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify(req.url === '/realms/acme/certs' ? keySet : metadata))
  })
  issuer = `${provider.origin}/realms/acme`
  await store.people.link({ userId: ada, issuer, subject: 'f3a9', at: 0 })
  const foreign = { issuer, scopeNames }
  const guard = createGuard({
    urls: publicUrls(BACKEND, foreign),
    foreign,
    keys: remoteKeys(foreignKeys(issuer), { log }),
    principals: store.principals,
    log,
    now: () => NOW,
  })
  guarded = await listen(async (req, res) => void res.end(JSON.stringify(await guard.check(req, 'r'))))
})
afterAll(async () => {
  await Promise.all([provider.close(), guarded.close()])
  await store.close()
})

const claims = (changed: Record<string, unknown> = {}) =>
  accessClaims(BACKEND, NOW, { iss: issuer, sub: 'f3a9', scope: 'crm.read', ...changed })
const check = async (changed: Record<string, unknown> = {}) => {
  const authorization = `Bearer ${await signer.sign(claims(changed))}`
  return (await send(guarded.port, { headers: { authorization } })).json()
}

describe('a token of the foreign issuer', () => {
  test('stands for whoever its issuer and subject are tied to', async () => {
    expect(await check()).toEqual({
      caller: { userId: ada, clientId: 'client-1', requestId: 'r' },
      scopes: ['tasks:read'],
    })
  })

  test.each([
    ['its own names', { scope: 'openid crm.write crm.read' }, ['tasks:read', 'tasks:write']],
    ['a list of them', { scope: undefined, scp: ['crm.write'] }, ['tasks:write']],
    ['a name that is the same here', { scope: 'organizations:read' }, ['organizations:read']],
    ['our name where it has another', { scope: 'tasks:read tasks:write' }, []],
    ['names that only begin alike', { scope: 'crm.reader crm' }, []],
    ['no scope', { scope: undefined }, []],
  ])('with %s allows what they stand for', async (_name, changed, scopes) => {
    expect(await check(changed)).toHaveProperty('scopes', scopes)
  })

  test.each([
    ['an unknown subject', { sub: 'somebody' }],
    ['a subject that looks like an id of ours', { sub: '1' }],
  ])('with %s is somebody without organizations', async (_name, changed) => {
    expect(await check(changed)).toHaveProperty('caller.userId', 0)
  })

  test('of a disabled person is refused', async () => {
    await store.people.setDisabled(ada, NOW.getTime())
    const { refusal } = await check()
    await store.people.setDisabled(ada, null)
    expect(refusal.status).toBe(401)
  })
})

describe('whose token is refused', () => {
  test.each([
    ['our own issuer', () => ({ iss: `${BACKEND}/auth`, sub: String(ada) })],
    ['the issuer with a slash', () => ({ iss: `${issuer}/` })],
    ['a tenant below it', () => ({ iss: `${issuer}/auth` })],
    ['another tenant of the same host', () => ({ iss: `${provider.origin}/realms/other` })],
    ['the host alone', () => ({ iss: provider.origin })],
    ['the issuer for another audience', () => ({ aud: 'account' })],
  ])('%s', async (_name, changed) => {
    const { refusal } = await check(changed())
    expect(refusal.status).toBe(401)
    expect(refusal.headers['WWW-Authenticate']).toContain('error="invalid_token"')
  })

  test('nobody’s: the challenge asks for the foreign scopes', async () => {
    const { refusal } = (await send(guarded.port, {})).json()
    expect(refusal.headers['WWW-Authenticate']).toContain('scope="organizations:read crm.read crm.write"')
  })
})
