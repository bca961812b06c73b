import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBrowser, inputValue } from '../helpers/browser.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import {
  authorizeUrl,
  CALLBACK,
  clickThrough,
  logIn,
  newVerifier,
  register,
  tokenRequest,
} from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

onEvery(KINDS, (databases) => {
  let served: Served
  let ids: Awaited<ReturnType<typeof twoPeople>>
  let clientId: string
  beforeAll(async () => {
    served = await serveAll({ database: await databases.database() })
    ids = await twoPeople(served)
    clientId = await register(served.base)
  })
  afterAll(() => served.close())

  const ada = { email: 'ada@example.com', password: PASSWORD }
  const login = (more = {}) => ({ base: served.base, clientId, ...ada, ...more })

  test('a person signs in, consents, and the client gets an access token for the resource', async () => {
    const tokens = await logIn(login())
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'EdDSA' })
    const { iat = 0, exp = 0, ...claims } = decodeJwt(tokens.access_token)
    expect(claims).toMatchObject({
      iss: `${served.base}/auth`,
      aud: `${served.base}/api/mcp`,
      sub: String(ids.ada),
      client_id: clientId,
      jti: expect.any(String),
    })
    expect(exp - iat).toBe(600)
  })

  test('the key id of a token is the thumbprint of the published key', async () => {
    const tokens = await logIn(login())
    const { keys } = JSON.parse((await createBrowser().send(`${served.base}/auth/jwks`)).body)
    const { kid } = decodeProtectedHeader(tokens.access_token)
    expect(kid).toMatch(/^[\w-]{43}$/)
    expect(keys).toEqual([expect.objectContaining({ kid, alg: 'EdDSA', crv: 'Ed25519', use: 'sig' })])
    expect(keys[0]).not.toHaveProperty('d')
  })

  test('the authorization response names the issuer, on success and on refusal', async () => {
    for (const decision of ['approve', 'deny'] as const) {
      const back = await clickThrough(login({ decision }), newVerifier())
      expect(back.searchParams.get('iss')).toBe(`${served.base}/auth`)
      expect(back.searchParams.get('state')).toBe('the state')
    }
  })

  test('denying sends the client access_denied and no code', async () => {
    const back = await clickThrough(login({ decision: 'deny' }), newVerifier())
    expect(back.searchParams.get('error')).toBe('access_denied')
    expect(back.searchParams.get('code')).toBeNull()
  })

  test('approving fewer scopes grants fewer', async () => {
    const tokens = await logIn(login({ keep: ['tasks:read'] }))
    const scopes = String(decodeJwt(tokens.access_token).scope).split(' ')
    expect(scopes).toContain('tasks:read')
    expect(scopes).not.toContain('tasks:write')
    expect(scopes).not.toContain('organizations:read')
  })

  test('approving with nothing checked is a no, not everything', async () => {
    const back = await clickThrough(login({ keep: [] }), newVerifier())
    expect(back.searchParams.get('error')).toBe('access_denied')
  })

  test('consent is asked again although it was given before', async () => {
    const browser = createBrowser()
    await logIn(login({ browser }))
    const again = await browser.open(authorizeUrl(login(), newVerifier()))
    expect(again.left).toBeUndefined()
    expect(again.body).toContain('name="decision"')
  })

  test.each([
    ['nobody is signed in', false, 'login_required'],
    ['consent would be shown', true, 'consent_required'],
  ])('prompt=none answers the client when %s', async (_name, signedIn, error) => {
    const browser = createBrowser()
    if (signedIn) await logIn(login({ browser }))
    const answer = await browser.open(authorizeUrl(login({ extra: { prompt: 'none' } }), newVerifier()))
    const back = new URL(answer.left ?? 'x:')
    expect(Object.fromEntries(back.searchParams)).toMatchObject({
      error,
      state: 'the state',
      iss: `${served.base}/auth`,
    })
  })

  test('scopes that nobody knows are dropped', async () => {
    const tokens = await logIn(login({ scope: 'openid tasks:read profile admin:all' }))
    expect(String(decodeJwt(tokens.access_token).scope).split(' ').sort()).toEqual([
      'offline_access',
      'tasks:read',
    ])
  })

  test('a request without a scope asks for all three', async () => {
    const tokens = await logIn(login({ scope: '' }))
    expect(decodeJwt(tokens.access_token).scope).toContain('tasks:write')
  })

  test.each([
    ['without a resource', {}],
    ['with the resource', { resource: 'RESOURCE' }],
    ['with a slash after the resource', { resource: 'RESOURCE/' }],
  ])('a request %s gets a token for the resource', async (_name, extra: Record<string, string>) => {
    const resource = extra.resource?.replace('RESOURCE', `${served.base}/api/mcp`)
    const tokens = await logIn(login({ extra: resource ? { resource } : {} }))
    expect(decodeJwt(tokens.access_token).aud).toBe(`${served.base}/api/mcp`)
  })

  test('refuses another resource', async () => {
    const browser = createBrowser()
    const answer = await browser.open(
      authorizeUrl(login({ extra: { resource: 'https://elsewhere.example/mcp' } }), newVerifier()),
    )
    expect(new URL(answer.left ?? 'x:').searchParams.get('error')).toBe('invalid_target')
  })

  test('refuses to redeem a code for another resource', async () => {
    const verifier = newVerifier()
    const back = await clickThrough(login(), verifier)
    const { status, body } = await tokenRequest(served.base, {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: clientId,
      code_verifier: verifier,
      resource: 'https://elsewhere.example/mcp',
    })
    expect([status, body.error]).toEqual([400, 'invalid_target'])
  })

  test('refuses a client that sends no PKCE challenge', async () => {
    const url = new URL(authorizeUrl(login(), newVerifier()))
    url.searchParams.delete('code_challenge')
    url.searchParams.delete('code_challenge_method')
    const answer = await createBrowser().open(url.href)
    expect(new URL(answer.left ?? 'x:').searchParams.get('error')).toBe('invalid_request')
  })

  test.each(['plain', 's256', 'S512'])('refuses the PKCE method %s', async (method) => {
    const answer = await createBrowser().open(
      authorizeUrl(login({ extra: { code_challenge_method: method } }), newVerifier()),
    )
    expect(new URL(answer.left ?? 'x:').searchParams.get('error')).toBe('invalid_request')
  })

  test.each([
    ['client_id', 'x'],
    ['redirect_uri', CALLBACK],
    ['state', 'other'],
    ['code_challenge', 'other'],
  ])('refuses a request with two %s', async (name, value) => {
    const url = `${authorizeUrl(login(), newVerifier())}&${new URLSearchParams({ [name]: value })}`
    const answer = await createBrowser().open(url)
    expect(answer.status).toBe(400)
    expect(answer.left).toBeUndefined()
  })

  test('refuses an overlong parameter', async () => {
    const answer = await createBrowser().open(
      authorizeUrl(login({ extra: { state: 'x'.repeat(3000) } }), newVerifier()),
    )
    expect([answer.status, answer.left]).toEqual([400, undefined])
  })

  test('the consent page shows the unverified name, the host and the scopes, never the organizations of others', async () => {
    const browser = createBrowser()
    const named = await register(served.base, { client_name: '<b>Claude</b> (verified)' })
    await logIn(login({ browser }))
    const page = await browser.open(authorizeUrl(login({ clientId: named }), newVerifier()))
    expect(page.body).toContain('&lt;b&gt;Claude&lt;/b&gt;')
    expect(page.body).toContain('127.0.0.1:7777')
    expect(page.body).toContain('Acme')
    expect(page.body).not.toContain('Blue')
    expect(page.body).not.toContain('offline_access</')
    expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(page.headers['cache-control']).toBe('no-store')
  })

  test('somebody else can sign in in the middle of a connection', async () => {
    const browser = createBrowser()
    await logIn(login({ browser }))
    const page = await browser.open(authorizeUrl(login(), newVerifier()))
    const form = { query: inputValue(page.body, 'query') }
    const signedOut = await browser.follow(await browser.send(`${served.base}/auth/sign-out`, { form }))
    expect(signedOut.body).toContain('name="password"')
    const bob = { ...form, email: 'bob@example.com', password: PASSWORD }
    const consent = await browser.follow(await browser.send(`${served.base}/auth/sign-in`, { form: bob }))
    expect(consent.body).toContain('bob@example.com')
  })
})
