import { createHmac, sign as rawSign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENT, rpc, START, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { accessClaims, createSigner, type Signer } from '../helpers/tokens.js'

let at: TestEndpoint
let stranger: Signer
let es256: Signer
let rs256: Signer
let lure: { port: number; hits: () => number; close: () => void }

/** A listener that a token's header points at, and that nobody may ever call. */
async function startLure() {
  let hits = 0
  const server = createServer((_req, res) => {
    hits++
    res.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, hits: () => hits, close: () => server.close() }
}

beforeAll(async () => {
  at = await startEndpoint()
  stranger = await createSigner()
  es256 = await createSigner('ES256')
  rs256 = await createSigner('RS256')
  lure = await startLure()
  await at.store.keys.add(es256.stored)
})
afterAll(async () => {
  lure.close()
  await at.close()
})

const seconds = (date: Date) => Math.floor(date.getTime() / 1000)
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claims = (changed: Record<string, unknown> = {}) =>
  accessClaims(at.origin, START, { sub: String(at.ada), ...changed })
const without = (name: string) => {
  const { [name]: _, ...rest } = claims() as Record<string, unknown>
  return rest
}
const own = (changed: Record<string, unknown> = {}) => at.signer.sign(claims(changed))
const headed = (header: Record<string, unknown>) => at.signer.sign(claims(), header)

/** Signs what no library would: any header and payload text with our real key. */
function signRaw(header: string, payload: string): string {
  const input = `${Buffer.from(header).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  const { privateKey } = at.signer
  return `${input}.${rawSign(null, Buffer.from(input), privateKey as unknown as Parameters<typeof rawSign>[2]).toString('base64url')}`
}

const flip = (token: string, part: number) => {
  const parts = token.split('.')
  const text = parts[part] ?? ''
  parts[part] = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`
  return parts.join('.')
}

const now = seconds(START)

const forgeries: Record<string, () => string | Promise<string>> = {
  'an empty token': () => '',
  'a word': () => 'nonsense',
  'two tokens': async () => `${await own()} ${await own()}`,
  'alg none': () =>
    `${base64url({ alg: 'none', typ: 'at+jwt', kid: at.signer.kid })}.${base64url(claims())}.`,
  'alg none with a signature': async () =>
    `${base64url({ alg: 'none', typ: 'at+jwt', kid: at.signer.kid })}.${base64url(claims())}.${(await own()).split('.')[2]}`,
  'HS256 keyed with the public key': () => {
    const input = `${base64url({ alg: 'HS256', typ: 'at+jwt', kid: at.signer.kid })}.${base64url(claims())}`
    return `${input}.${createHmac('sha256', JSON.stringify(at.signer.publicJwk)).update(input).digest('base64url')}`
  },
  'ES256, a good algorithm that is not ours': () => es256.sign(claims()),
  RS256: () => rs256.sign(claims(), { kid: at.signer.kid }),
  'a stranger’s key under its own kid': () => stranger.sign(claims()),
  'a stranger’s key under our kid': () => stranger.sign(claims(), { kid: at.signer.kid }),
  'an embedded jwk': () => stranger.sign(claims(), { jwk: stranger.publicJwk }),
  'a jku': () => stranger.sign(claims(), { jku: `http://127.0.0.1:${lure.port}/jwks` }),
  'an x5u': () => stranger.sign(claims(), { x5u: `http://127.0.0.1:${lure.port}/cert` }),
  'an x5c': () => stranger.sign(claims(), { x5c: ['MIIB'] }),
  'an unknown crit': () =>
    signRaw(
      JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: at.signer.kid, crit: ['exp'], exp: now + 600 }),
      JSON.stringify(claims()),
    ),
  'a known crit': () =>
    signRaw(
      JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: at.signer.kid, crit: ['b64'], b64: true }),
      JSON.stringify(claims()),
    ),
  'no kid': () => headed({ kid: undefined }),
  'a kid that is a number': () =>
    signRaw(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: 1 }), JSON.stringify(claims())),
  'an empty kid': () => headed({ kid: '' }),
  'a kid of 129 characters': () => headed({ kid: 'k'.repeat(129) }),
  'a kid with SQL': () => headed({ kid: "' OR 1=1 --" }),
  'a kid that is a path': () => headed({ kid: '../../../dev/null' }),
  'a kid with a control character': () => headed({ kid: 'a\u0000b' }),
  'no typ': () => headed({ typ: undefined }),
  'typ JWT, as an ID token has': () => headed({ typ: 'JWT' }),
  'no iss': () => at.signer.sign(without('iss')),
  'another issuer': () => own({ iss: 'https://elsewhere.example/auth' }),
  'our issuer with a slash': () => own({ iss: `${at.origin}/auth/` }),
  'our issuer in a list': () => own({ iss: [`${at.origin}/auth`] }),
  'no aud': () => at.signer.sign(without('aud')),
  'a token minted for another resource': () => own({ aud: 'https://elsewhere.example/api/mcp' }),
  'our resource with a slash': () => own({ aud: `${at.resource}/` }),
  'our resource in capitals': () => own({ aud: at.resource.toUpperCase() }),
  'a second audience': () => own({ aud: [at.resource, 'https://elsewhere.example'] }),
  'our resource in a list': () => own({ aud: [at.resource] }),
  'no exp': () => at.signer.sign(without('exp')),
  'exp as text': () => own({ exp: String(now + 600) }),
  'exp that has passed': () => own({ iat: now - 600, exp: now - 31 }),
  'a life of ten years': () => own({ exp: now + 10 * 365 * 86_400 }),
  'a life of sixteen minutes': () => own({ exp: now + 16 * 60 }),
  'no iat': () => at.signer.sign(without('iat')),
  'iat as text': () => own({ iat: String(now) }),
  'iat in the future': () => own({ iat: now + 31 }),
  'nbf in the future': () => own({ nbf: now + 31 }),
  'no sub': () => at.signer.sign(without('sub')),
  'a sub that is a number': () => own({ sub: at.ada }),
  'an empty sub': () => own({ sub: '' }),
  'a sub that is no integer': () => own({ sub: 'ada@example.com' }),
  'a sub with a leading zero': () => own({ sub: `0${at.ada}` }),
  'a sub beyond the largest id': () => own({ sub: '2147483648' }),
  'sub 0, which stands for nobody': () => own({ sub: '0' }),
  'a person who does not exist': () => own({ sub: '2147483647' }),
  'no jti': () => at.signer.sign(without('jti')),
  'a jti that is a number': () => own({ jti: 1 }),
  'no client_id': () => at.signer.sign(without('client_id')),
  'a client_id that is a list': () => own({ client_id: [CLIENT] }),
  'azp in place of client_id': () => at.signer.sign({ ...without('client_id'), azp: CLIENT }),
  'a client without a grant': () => own({ client_id: 'client-2' }),
  'no scope': () => at.signer.sign(without('scope')),
  'a scope that is a list': () => own({ scope: ['tasks:read'] }),
  'more than 8 KiB': () => own({ padding: 'x'.repeat(8192) }),
  'a changed header': async () => flip(await own(), 0),
  'a changed payload': async () => flip(await own(), 1),
  'a changed signature': async () => flip(await own(), 2),
  'another spelling of the signature': async () => {
    const token = await own()
    const spelled = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = spelled.indexOf(token.at(-1) ?? '')
    return `${token.slice(0, -1)}${spelled[last ^ 1]}`
  },
  'no signature': async () => `${(await own()).split('.').slice(0, 2).join('.')}.`,
  'two parts': async () => (await own()).split('.').slice(0, 2).join('.'),
  'five parts': async () => `${await own()}.x.y`,
  'padding signs': async () => `${await own()}==`,
  'a header that is no JSON': () => signRaw('nonsense', JSON.stringify(claims())),
  'a payload that is a list': () =>
    signRaw(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: at.signer.kid }), '[]'),
  'a payload that is null': () =>
    signRaw(JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid: at.signer.kid }), 'null'),
}

const challenge = () =>
  `Bearer resource_metadata="${at.origin}/.well-known/oauth-protected-resource/api/mcp", scope="organizations:read tasks:read tasks:write"`

describe('a forged token gets one and the same refusal', () => {
  test.each(Object.keys(forgeries))('refuses %s', async (name) => {
    const answer = await at.ask(rpc('modern', 'tools/list'), await forgeries[name]?.())
    const plain = await at.ask(rpc('modern', 'tools/list'), 'nonsense')
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(`${challenge()}, error="invalid_token"`)
    expect(answer.text).toBe(plain.text)
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: 401 } })
  })

  test('fetches nothing that a token points at', () => expect(lure.hits()).toBe(0))
})
