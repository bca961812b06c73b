import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { onEvery } from '../helpers/databases.js'
import { authorizeUrl, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { type Served, serveAll } from '../helpers/serve.js'

onEvery(['sqlite', 'pglite', 'postgres'], (databases) => {
  let served: Served
  let clientId: string
  beforeAll(async () => {
    served = await serveAll({ database: await databases.database() })
    clientId = await register(served.base)
    await served.store.close()
  })
  afterAll(() => served.close())

  const asked = (path: string, more: object) =>
    createBrowser().send(`${served.base}${path}`, { headers: { accept: 'application/json' }, ...more })

  test('a code cannot be exchanged, and may be sent again', async () => {
    const { status, body } = await tokenRequest(served.base, {
      grant_type: 'authorization_code',
      code: 'any',
      client_id: clientId,
      code_verifier: newVerifier(),
      redirect_uri: 'http://127.0.0.1:7777/callback',
    })
    expect({ status, error: body.error }).toEqual({ status: 503, error: 'temporarily_unavailable' })
  })

  test.each([
    ['/auth/oauth2/revoke', { form: { token: 'any', client_id: 'any' } }],
    ['/auth/oauth2/register', { json: { redirect_uris: ['http://127.0.0.1:1/'] } }],
    ['/auth/jwks', {}],
  ])('%s says when to come back', async (path, more) => {
    const answer = await asked(path, more)
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
  })

  test('a browser is told so on a page', async () => {
    const url = authorizeUrl({ base: served.base, clientId }, newVerifier())
    const answer = await createBrowser().send(url)
    expect(answer.status).toBe(503)
    expect(answer.body).toContain('The store does not answer')
  })
})
