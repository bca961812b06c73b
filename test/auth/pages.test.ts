import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALLOWANCES } from '../../src/serve/auth-routes.js'
import { type Answer, type Browser, createBrowser, inputValue } from '../helpers/browser.js'
import { authorizeUrl, logIn, newVerifier, register } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let served: Served
let clientId: string
let ids: Awaited<ReturnType<typeof twoPeople>>
beforeAll(async () => {
  served = await serveAll()
  ids = await twoPeople(served)
  clientId = await register(served.base)
})
afterAll(() => served.close())

const ada = { email: 'ada@example.com', password: PASSWORD }
const signInPage = (browser: Browser): Promise<Answer> =>
  browser.open(authorizeUrl({ base: served.base, clientId }, newVerifier()))
const submit = (browser: Browser, page: Answer, form: Record<string, string>, headers = {}) =>
  browser.send(`${served.base}/auth/sign-in`, {
    form: { query: inputValue(page.body, 'query'), ...form },
    headers,
  })

async function consentPage(browser: Browser): Promise<Answer> {
  const page = await signInPage(browser)
  return browser.follow(await submit(browser, page, ada))
}
const consentForm = (page: Answer, more: Record<string, string | string[]> = {}) => ({
  query: inputValue(page.body, 'query'),
  csrf: inputValue(page.body, 'csrf'),
  scope: ['tasks:read'],
  decision: 'approve',
  ...more,
})

describe('sign-in', () => {
  test('a wrong password and an unknown address get the same answer', async () => {
    const [browser, other] = [createBrowser(), createBrowser()]
    const page = await signInPage(browser)
    const wrong = await submit(browser, page, { ...ada, password: 'not the password' })
    const unknown = await submit(other, page, { email: 'nobody@example.com', password: 'not the password' })
    expect(wrong.status).toBe(401)
    expect(unknown.status).toBe(401)
    expect(unknown.body.replaceAll('nobody@example.com', 'X')).toBe(wrong.body.replaceAll(ada.email, 'X'))
    expect(wrong.body).toContain('role="alert"')
    expect(wrong.headers['set-cookie']).toBeUndefined()
  })

  test('a disabled person is told so, with the right password only', async () => {
    await served.store.people.setDisabled(ids.bob, Date.now())
    const browser = createBrowser()
    const page = await signInPage(browser)
    const right = await submit(browser, page, { email: 'bob@example.com', password: PASSWORD })
    const wrong = await submit(browser, page, { email: 'bob@example.com', password: 'not the password' })
    await served.store.people.setDisabled(ids.bob, null)
    expect([right.status, wrong.status]).toEqual([403, 401])
    expect(right.body).toContain('disabled')
    expect(right.headers['set-cookie']).toBeUndefined()
  })

  test('a session is new with each sign-in, whatever cookie was there before', async () => {
    const browser = createBrowser()
    browser.jar.set('zuko.session_token', 'planted.by-somebody')
    await consentPage(browser)
    expect(browser.jar.get('zuko.session_token')).toBeDefined()
    expect(browser.jar.get('zuko.session_token')).not.toBe('planted.by-somebody')
  })

  test('the session cookie is for this server only and out of reach of scripts', async () => {
    const browser = createBrowser()
    const answer = await submit(browser, await signInPage(browser), ada)
    const cookie = String(answer.headers['set-cookie'])
    expect(cookie).toMatch(/HttpOnly/i)
    expect(cookie).toMatch(/SameSite=Lax/i)
    expect(cookie).not.toMatch(/Domain=/i)
  })

  test.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
  ])('refuses the form from %s', async (_name, headers) => {
    const browser = createBrowser()
    const answer = await submit(browser, await signInPage(browser), ada, headers)
    expect(answer.status).toBe(403)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })

  test('refuses a query that was altered', async () => {
    const browser = createBrowser()
    const page = await signInPage(browser)
    const query = inputValue(page.body, 'query').replace('tasks%3Aread', 'tasks%3Awrite')
    const answer = await browser.send(`${served.base}/auth/sign-in`, { form: { ...ada, query } })
    expect(answer.status).toBe(400)
  })

  test('refuses a form that is larger than a sign-in', async () => {
    const browser = createBrowser()
    const answer = await submit(browser, await signInPage(browser), { ...ada, password: 'x'.repeat(20_000) })
    expect(answer.status).toBe(413)
  })
})

describe('consent', () => {
  test('refuses the form without its token', async () => {
    const browser = createBrowser()
    const page = await consentPage(browser)
    const answer = await browser.send(`${served.base}/auth/consent`, {
      form: consentForm(page, { csrf: '' }),
    })
    expect(answer.status).toBe(403)
    expect(answer.headers.location).toBeUndefined()
  })

  test('refuses the token of another session', async () => {
    const [mine, theirs] = [createBrowser(), createBrowser()]
    const [page, other] = [await consentPage(mine), await consentPage(theirs)]
    const form = consentForm(page, { csrf: inputValue(other.body, 'csrf') })
    expect((await mine.send(`${served.base}/auth/consent`, { form })).status).toBe(403)
  })

  test('refuses the form of somebody who is not signed in', async () => {
    const page = await consentPage(createBrowser())
    const answer = await createBrowser().send(`${served.base}/auth/consent`, { form: consentForm(page) })
    expect([answer.status, answer.headers.location]).toEqual([400, undefined])
  })

  test('refuses the form from another site', async () => {
    const browser = createBrowser()
    const form = consentForm(await consentPage(browser))
    const answer = await browser.send(`${served.base}/auth/consent`, {
      form,
      headers: { origin: 'https://evil.example' },
    })
    expect([answer.status, answer.headers.location]).toEqual([403, undefined])
  })

  test('never grants a scope that was not asked for', async () => {
    const browser = createBrowser()
    let page = await browser.open(
      authorizeUrl({ base: served.base, clientId, scope: 'tasks:read' }, newVerifier()),
    )
    page = await browser.follow(await submit(browser, page, ada))
    const form = consentForm(page, { scope: ['tasks:read', 'tasks:write'] })
    const answer = await browser.send(`${served.base}/auth/consent`, { form })
    expect(new URL(String(answer.headers.location)).searchParams.get('code')).toBeTruthy()
    const grant = served.auth.context.adapter.findOne<{ scopes: string[] }>({
      model: 'oauthConsent',
      where: [{ field: 'clientId', value: clientId }],
    })
    expect((await grant)?.scopes).not.toContain('tasks:write')
  })
})

describe('what is reachable', () => {
  test.each([
    ['POST', '/auth/sign-up/email'],
    ['POST', '/auth/sign-in/email'],
    ['GET', '/auth/get-session'],
    ['GET', '/auth/token'],
    ['POST', '/auth/organization/create'],
    ['POST', '/auth/oauth2/consent'],
    ['POST', '/auth/oauth2/introspect'],
    ['POST', '/auth/oauth2/create-client'],
    ['POST', '/auth/admin/oauth2/create-client'],
    ['POST', '/auth/change-password'],
    ['GET', '/auth/error'],
    ['GET', '/auth/ok'],
  ])('%s %s is not there', async (method, path) => {
    const answer = await createBrowser().send(`${served.base}${path}`, {
      method,
      headers: { accept: 'application/json' },
    })
    expect(answer.status).toBe(404)
  })

  test('the metadata names what is there and nothing else', async () => {
    const answer = await createBrowser().send(`${served.base}/.well-known/oauth-authorization-server/auth`)
    const metadata = JSON.parse(answer.body)
    const base = served.base
    expect(metadata).toMatchObject({
      issuer: `${base}/auth`,
      authorization_endpoint: `${base}/auth/oauth2/authorize`,
      token_endpoint: `${base}/auth/oauth2/token`,
      registration_endpoint: `${base}/auth/oauth2/register`,
      revocation_endpoint: `${base}/auth/oauth2/revoke`,
      jwks_uri: `${base}/auth/jwks`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    })
    expect(
      Object.keys(metadata).filter((name) =>
        /introspection|userinfo|device|backchannel|dpop|metadata_document/.test(name),
      ),
    ).toEqual([])
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test('a web page may preflight the token endpoint, not the pages', async () => {
    const preflight = (path: string) =>
      createBrowser().send(`${served.base}${path}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://client.example' },
      })
    expect((await preflight('/auth/oauth2/token')).headers['access-control-allow-origin']).toBe('*')
    const page = await preflight('/auth/sign-in')
    expect(page.headers['access-control-allow-origin']).toBeUndefined()
    expect(page.status).toBe(403)
  })

  test('a Host that is not ours is refused, and never ends up in metadata', async () => {
    const answer = await createBrowser().send(`${served.base}/.well-known/oauth-authorization-server/auth`, {
      headers: { host: 'evil.example' },
    })
    expect(answer.status).toBe(403)
    expect(answer.body).not.toContain('evil.example')
  })
})

describe('allowances', () => {
  test('guesses at one account are slowed, from however many pretended addresses; a right password costs nothing', async () => {
    const limited = await serveAll({ allowances: ALLOWANCES })
    await twoPeople(limited)
    const client = await register(limited.base)
    const page = await createBrowser().open(
      authorizeUrl({ base: limited.base, clientId: client }, newVerifier()),
    )
    const guess = (index: number) =>
      createBrowser().send(`${limited.base}/auth/sign-in`, {
        form: { query: inputValue(page.body, 'query'), email: ada.email, password: `guess number ${index}` },
        headers: { 'x-forwarded-for': `10.0.0.${index}` },
      })
    for (let round = 0; round < 3; round += 1) await logIn({ base: limited.base, clientId: client, ...ada })
    const statuses: number[] = []
    for (let index = 0; index < 14; index += 1) statuses.push((await guess(index)).status)
    const last = await guess(99)
    await limited.close()
    expect(statuses.filter((status) => status === 401)).toHaveLength(ALLOWANCES.account.burst)
    expect(last.status).toBe(429)
    expect(last.headers['retry-after']).toBeDefined()
  })

  test('registrations from one address are bounded', async () => {
    const limited = await serveAll({ allowances: ALLOWANCES })
    for (let index = 0; index < ALLOWANCES.register.burst; index += 1) await register(limited.base)
    await expect(register(limited.base)).rejects.toThrow('429')
    expect(await limited.store.clients.countUnused(0)).toBe(ALLOWANCES.register.burst)
    await limited.close()
  })
})

test('nothing secret is logged on the way through a login', async () => {
  const browser = createBrowser()
  const tokens = await logIn({ base: served.base, clientId, ...ada, browser })
  const cookie = decodeURIComponent(browser.jar.get('zuko.session_token') ?? '')
  const secrets = [PASSWORD, tokens.access_token, tokens.refresh_token, cookie, cookie.split('.')[0] ?? '']
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10)
    expect(served.logged()).not.toContain(secret)
  }
  expect(served.logged()).not.toMatch(/code=|code_verifier|sig=/)
})
