import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBrowser, inputValue } from '../helpers/browser.js'
import { onEvery } from '../helpers/databases.js'
import { authorizeUrl, newVerifier, register } from '../helpers/oauth.js'
import { type Served, serveAll } from '../helpers/serve.js'

/** Postgres keeps no NUL in a text; SQLite does. */
onEvery(['sqlite', 'pglite', 'postgres'], (databases) => {
  let served: Served
  let clientId: string
  beforeAll(async () => {
    served = await serveAll({ database: await databases.database() })
    clientId = await register(served.base)
  })
  afterAll(() => served.close())

  const posted = async (path: string, form: Record<string, string>) =>
    (await createBrowser().send(`${served.base}${path}`, { form, headers: { accept: 'application/json' } }))
      .status

  test.each([
    ['code', { grant_type: 'authorization_code', code: 'a\0b' }],
    ['client_id', { grant_type: 'refresh_token', refresh_token: 'x', client_id: 'a\0b' }],
    ['refresh_token', { grant_type: 'refresh_token', refresh_token: 'a\0b' }],
  ])('NUL in the %s of a token request is the client’s error', async (_, form) => {
    const status = await posted('/auth/oauth2/token', {
      client_id: clientId,
      redirect_uri: 'http://127.0.0.1:7777/callback',
      code_verifier: newVerifier(),
      ...form,
    })
    expect([400, 401]).toContain(status)
  })

  test.each([
    ['token', { token: 'a\0b' }],
    ['client_id', { token: 'x', client_id: 'a\0b' }],
  ])('NUL in the %s of a revocation is no failure', async (_, form) => {
    expect(await posted('/auth/oauth2/revoke', { client_id: clientId, ...form })).toBeLessThan(500)
  })

  test('NUL in the client of an authorization request is the client’s error', async () => {
    const answer = await createBrowser().send(
      authorizeUrl({ base: served.base, clientId: 'a\0b' }, newVerifier()),
    )
    expect(answer.status).toBeLessThan(500)
  })

  test('NUL in a client’s name is refused or kept, and never a failure', async () => {
    const answer = await createBrowser().send(`${served.base}/auth/oauth2/register`, {
      json: { client_name: 'a\0b', redirect_uris: ['http://127.0.0.1:1/'] },
    })
    expect(answer.status).toBeLessThan(500)
  })

  test('NUL in the e-mail or password of a sign-in is a wrong guess', async () => {
    const browser = createBrowser()
    const page = await browser.open(authorizeUrl({ base: served.base, clientId }, newVerifier()))
    const query = inputValue(page.body, 'query')
    for (const form of [
      { query, email: 'a\0da@example.com', password: 'x' },
      { query, email: 'ada@example.com', password: 'a\0b' },
    ]) {
      const answer = await browser.send(`${served.base}/auth/sign-in`, { form })
      expect(answer.status).toBe(401)
    }
  })
})
