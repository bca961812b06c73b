/**
 * T34 (registration abuse) and T23 of the threat table, against the built program. Redirect URIs that may not be
 * registered, and the cap on unused clients: test/auth/registration.test.ts; floods: rate-limits.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { authorizeUrl, CALLBACK, logIn, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { ADA, type Serving, startServing } from '../helpers/serving.js'

let serving: Serving
let base: string
const outside = createBrowser(undefined, { 'x-forwarded-for': '10.5.0.1' })
beforeAll(async () => {
  serving = await startServing({ env: { TRUST_PROXY: '1', LOG_LEVEL: 'warn' } })
  base = serving.base
})
afterAll(() => serving.stop())

const post = (metadata: Record<string, unknown>, octet = 2) =>
  createBrowser(undefined, { 'x-forwarded-for': `10.5.0.${octet}` }).send(`${base}/auth/oauth2/register`, {
    json: { redirect_uris: [CALLBACK], ...metadata },
  })

describe('a client cannot give itself', () => {
  test.each([
    ['its own id', { client_id: 'zuko-mcp-admin', clientId: 'zuko-mcp-admin' }],
    ['a secret of its choice', { client_secret: 'mine', clientSecret: 'mine' }],
    ['leave to skip consent', { skip_consent: true, skipConsent: true, trusted: true, first_party: true }],
    ['leave to skip PKCE', { require_pkce: false, requirePKCE: false }],
    ['further scopes', { scope: 'openid admin tasks:delete', scopes: ['admin'] }],
    ['further grants', { grant_types: ['authorization_code', 'client_credentials', 'password'] }],
    ['somebody as its owner', { user_id: 1, userId: 1, reference_id: 'x', referenceId: 'x' }],
    [
      'a page to be told of sign-outs',
      { backchannel_logout_uri: 'http://127.0.0.1:1/', jwks_uri: 'http://127.0.0.1:1/' },
    ],
    [
      'members of every object',
      JSON.parse('{"__proto__":{"skipConsent":true},"constructor":{"prototype":{"trusted":true}}}'),
    ],
  ])('%s', async (_name, metadata) => {
    const answer = await post(metadata)
    expect(answer.status).toBe(201)
    const client = JSON.parse(answer.body)
    expect(client).toMatchObject({
      client_id: expect.stringMatching(/^[\w-]{24}$/),
      grant_types: ['authorization_code', 'refresh_token'],
      scope: 'organizations:read tasks:read tasks:write offline_access',
    })
    expect(Object.keys(client)).not.toContain('client_secret')
    const page = await outside.open(authorizeUrl({ base, clientId: client.client_id }, newVerifier()))
    expect(page.body).toContain('name="password"')
    const url = new URL(authorizeUrl({ base, clientId: client.client_id }, newVerifier()))
    url.searchParams.delete('code_challenge')
    expect(new URL((await outside.open(url.href)).left ?? 'x:').searchParams.get('error')).toBe(
      'invalid_request',
    )
  })
})

describe('refuses', () => {
  test.each([
    ['a name with a NUL', { client_name: 'Claude\u0000' }],
    ['a name of two lines', { client_name: 'Claude\nVerified by Zuko' }],
    ['a name with an escape sequence', { client_name: '\u001b[2JClaude' }],
    ['a name that is no text', { client_name: { toString: 'x' } }],
    ['a software id with a NUL', { software_id: 'a\u0000' }],
    ['21 redirect URIs', { redirect_uris: Array.from({ length: 21 }, (_, i) => `http://localhost/${i}`) }],
    ['redirect URIs that are no list', { redirect_uris: CALLBACK }],
    ['a redirect URI that is no text', { redirect_uris: [{ toString: CALLBACK }] }],
    ['one bad redirect URI among good ones', { redirect_uris: [CALLBACK, 'javascript:alert(1)'] }],
  ])('%s', async (_name, metadata) => {
    const answer = await post(metadata, 3)
    expect([answer.status, JSON.parse(answer.body).error]).toEqual([400, expect.stringMatching(/^invalid_/)])
  })

  test('a body larger than 16 KiB', async () => {
    expect((await post({ client_name: 'x'.repeat(17_000) }, 3)).status).toBe(413)
  })
})

test('a web address with a NUL is not kept', async () => {
  const { status, body } = await post({ client_uri: 'https://client.example/\u0000' }, 4)
  expect([status, JSON.parse(body).client_uri]).toEqual([201, undefined])
})

test('a name that turns the line around is shown with its marks made visible', async () => {
  const clientId = await register(base, { client_name: '\u202eedualC\u2066 (verified)\u200b' }, outside)
  const { body } = await outside.open(authorizeUrl({ base, clientId }, newVerifier()))
  expect(body).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/u)
  expect(body).toContain('127.0.0.1:7777')
})

describe('the secret of a client', () => {
  test.each(['client_secret_basic', 'client_secret_post'])('is asked for (%s)', async (method) => {
    const client = JSON.parse((await post({ token_endpoint_auth_method: method }, 5)).body)
    const who = { base, clientId: client.client_id, ...ADA }
    await expect(logIn(who)).rejects.toThrow('the token endpoint answered')
    const wrong = await tokenRequest(base, {
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: client.client_id,
      client_secret: `${client.client_secret}x`,
    })
    expect(wrong.status).toBeGreaterThanOrEqual(400)
  })
})

test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('%s of a registration is not served', async (method) => {
  const clientId = await register(base, {}, outside)
  for (const path of ['/auth/oauth2/register', `/auth/oauth2/register/${clientId}`]) {
    const { status } = await outside.send(`${base}${path}`, {
      method,
      headers: { accept: 'application/json' },
    })
    expect(status).toBe(404)
  }
})
