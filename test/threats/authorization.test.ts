/**
 * T21 (consent bypass), T25 (PKCE downgrade), T28 (forms from elsewhere), T35 (issuer), T36 (long parameters) of
 * the threat table. More of each: test/auth/login.test.ts and test/auth/pages.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, createBrowser, inputValue } from '../helpers/browser.js'
import {
  authorizeUrl,
  CALLBACK,
  challengeOf,
  clickThrough,
  logIn,
  newVerifier,
  register,
  tokenRequest,
} from '../helpers/oauth.js'
import { ADA, type Serving, startServing } from '../helpers/serving.js'

let serving: Serving
let base: string
let clientId: string
/** The victim's browser, signed in, with a grant for `clientId`. */
const victim = createBrowser()
beforeAll(async () => {
  serving = await startServing({ env: { LOG_LEVEL: 'warn' } })
  base = serving.base
  clientId = await register(base)
  await logIn({ base, clientId, ...ADA, browser: victim })
})
afterAll(() => serving.stop())

const url = (extra: Record<string, string> = {}, client = clientId) =>
  authorizeUrl({ base, clientId: client, extra }, newVerifier())
const consentPage = () => victim.open(url())
const consentForm = (page: Answer, more: Record<string, string> = {}) => ({
  query: inputValue(page.body, 'query'),
  csrf: inputValue(page.body, 'csrf'),
  scope: 'tasks:read',
  decision: 'approve',
  ...more,
})
const submit = (form: Record<string, string>, headers: Record<string, string> = {}) =>
  victim.send(`${base}/auth/consent`, { form, headers })
const went = (answer: Answer) => [answer.status, answer.headers.location]

describe('no code without a decision on our own page', () => {
  test.each([
    ['the client that was approved before', {}],
    ['one scope of those that were approved', { scope: 'tasks:read' }],
    ['prompt=none', { prompt: 'none' }],
    ['an approval in the query', { decision: 'approve', accept: 'true', csrf: 'x' }],
    ['max_age=0', { max_age: '0' }],
  ])('with %s', async (_name, extra) => {
    const answer = await victim.open(url(extra))
    expect(new URL(answer.left ?? 'x:').searchParams.get('code')).toBeNull()
  })

  test('for a client that bears the name of an approved one', async () => {
    const twin = await register(base)
    const answer = await victim.open(url({}, twin))
    expect(answer.left).toBeUndefined()
    expect(answer.body).toContain('name="decision"')
  })

  test.each(['GET', 'PUT', 'HEAD'])('by %s', async (method) => {
    const form = new URLSearchParams(consentForm(await consentPage()))
    const answer = await victim.send(`${base}/auth/consent?${form}`, { method })
    expect(answer.headers.location ?? '').not.toContain('code=')
  })
})

describe('the consent form is refused', () => {
  test('when it comes a second time', async () => {
    const form = consentForm(await consentPage())
    expect((await submit(form)).headers.location).toContain('code=')
    expect(went(await submit(form))).toEqual([403, undefined])
  })

  test('when it was denied before', async () => {
    const form = consentForm(await consentPage())
    expect((await submit({ ...form, decision: 'deny' })).headers.location).toContain('access_denied')
    expect(went(await submit(form))).toEqual([403, undefined])
  })

  test('with the token of another page', async () => {
    const [one, other] = [await consentPage(), await consentPage()]
    expect(went(await submit(consentForm(one, { csrf: inputValue(other.body, 'csrf') })))).toEqual([
      403,
      undefined,
    ])
  })

  test('with the query of another client', async () => {
    const page = await consentPage()
    const foreign = await victim.open(url({}, await register(base)))
    expect(went(await submit(consentForm(page, { query: inputValue(foreign.body, 'query') })))).toEqual([
      403,
      undefined,
    ])
  })

  test('once the person has signed out', async () => {
    const browser = createBrowser()
    await logIn({ base, clientId, ...ADA, browser })
    const page = await browser.open(url())
    const cookies = new Map(browser.jar)
    await browser.send(`${base}/auth/sign-out`, { form: { query: inputValue(page.body, 'query') } })
    for (const [name, value] of cookies) browser.jar.set(name, value)
    const answer = await browser.send(`${base}/auth/consent`, { form: consentForm(page) })
    expect(went(answer)).toEqual([400, undefined])
  })

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a site whose name begins like ours', { origin: 'http://127.0.0.1.evil.example' }],
    ['another port of this computer', { origin: 'http://127.0.0.1:9' }],
  ])('from %s', async (_name, headers) => {
    expect(went(await submit(consentForm(await consentPage()), headers))).toEqual([403, undefined])
  })
})

describe('signing in with a form from elsewhere (login CSRF) is refused', () => {
  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
  ])('from %s, with the right password', async (_name, headers) => {
    const page = await createBrowser().open(url())
    const form = { query: inputValue(page.body, 'query'), ...ADA }
    const browser = createBrowser()
    const answer = await browser.send(`${base}/auth/sign-in`, { form, headers })
    expect([answer.status, answer.headers['set-cookie'], browser.jar.size]).toEqual([403, undefined, 0])
  })

  test('and so is signing out', async () => {
    const form = { query: '' }
    const answer = await victim.send(`${base}/auth/sign-out`, {
      form,
      headers: { origin: 'https://evil.example' },
    })
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined])
    expect((await consentPage()).body).toContain('name="decision"')
  })
})

describe('PKCE', () => {
  const authorize = async (change: Record<string, string | undefined>) => {
    const target = new URL(url())
    for (const [name, value] of Object.entries(change)) {
      if (value === undefined) target.searchParams.delete(name)
      else target.searchParams.set(name, value)
    }
    const answer = await victim.open(target.href)
    return new URL(answer.left ?? 'x:').searchParams
  }

  test.each([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['no challenge, but a method', { code_challenge: undefined }],
    ['a challenge without its method', { code_challenge_method: undefined }],
    ['an empty challenge', { code_challenge: '' }],
    ['the method plain', { code_challenge_method: 'plain' }],
    ['the method s256', { code_challenge_method: 's256' }],
    ['the method S512', { code_challenge_method: 'S512' }],
    ['two methods', { code_challenge_method: 'S256 plain' }],
  ])('a request with %s gets an error and the issuer', async (_name, change) => {
    const back = await authorize(change)
    expect([back.get('error'), back.get('code'), back.get('iss')]).toEqual([
      'invalid_request',
      null,
      `${base}/auth`,
    ])
  })

  test.each([
    ['no verifier', ''],
    ['the challenge itself', 'CHALLENGE'],
    ['a shorter one', 'SHORT'],
    ['a longer one', 'LONG'],
    ['another case', 'CASE'],
    ['padding', 'PADDED'],
  ])('a code with %s as verifier gets no token', async (_name, kind) => {
    const verifier = newVerifier()
    const back = await clickThrough({ base, clientId, ...ADA, browser: victim }, verifier)
    const wrong: Record<string, string> = {
      '': '',
      CHALLENGE: challengeOf(verifier),
      SHORT: verifier.slice(0, -1),
      LONG: `${verifier}A`,
      CASE: verifier.toUpperCase(),
      PADDED: `${verifier}=`,
    }
    const { status } = await tokenRequest(base, {
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: clientId,
      ...(kind ? { code_verifier: wrong[kind] ?? '' } : {}),
    })
    expect(status).toBe(400)
  })

  test('a confidential client needs it too', async () => {
    const answer = await createBrowser().send(`${base}/auth/oauth2/register`, {
      json: { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_post' },
    })
    const client = JSON.parse(answer.body)
    const target = new URL(url({}, client.client_id))
    target.searchParams.delete('code_challenge')
    target.searchParams.delete('code_challenge_method')
    const { left } = await victim.open(target.href)
    expect(new URL(left ?? 'x:').searchParams.get('error')).toBe('invalid_request')
  })
})

describe('a parameter that is too long, or holds a control character', () => {
  const NAMES =
    'client_id redirect_uri scope state nonce resource prompt code_challenge response_type max_age'.split(' ')
  const ask = async (name: string, value: string) => {
    const target = new URL(url())
    target.searchParams.set(name, value)
    const answer = await victim.open(target.href)
    return [answer.status, answer.left]
  }
  test.each(NAMES)('%s of 3,000 characters gets a page', async (name) => {
    expect(await ask(name, 'x'.repeat(3000))).toEqual([400, undefined])
  })
  test.each(NAMES)('%s with a NUL gets a page', async (name) => {
    expect(await ask(name, 'a\u0000b')).toEqual([400, undefined])
  })
  test('a query of 50,000 characters is not read', async () => {
    expect((await victim.send(url({ state: 'x'.repeat(50_000) }))).status).toBe(431)
  })

  const TOKEN = 'grant_type code redirect_uri client_id code_verifier refresh_token resource scope'.split(' ')
  const form = {
    grant_type: 'authorization_code',
    code: 'x',
    redirect_uri: CALLBACK,
    client_id: 'x',
    code_verifier: 'x',
  }
  test.each(TOKEN)('%s of 15,000 characters gets no token', async (name) => {
    const { status, body } = await tokenRequest(base, { ...form, [name]: 'x'.repeat(15_000) })
    expect([status, typeof body.error]).toEqual([expect.any(Number), 'string'])
    expect(status).toBeLessThan(500)
  })
  test.each(TOKEN)('%s with a NUL is no token request', async (name) => {
    const { status, body } = await tokenRequest(base, { ...form, [name]: 'a\u0000b' })
    expect([status, body.error]).toEqual([400, 'invalid_request'])
  })
})
