import { afterAll, beforeAll, expect, test } from 'vitest'
import { redirectUriProblem } from '../../src/auth/redirect-uri.js'
import { registerClient } from '../../src/auth/registration.js'
import { createBrowser } from '../helpers/browser.js'
import { authorizeUrl, clickThrough, newVerifier, register } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let served: Served
beforeAll(async () => {
  served = await serveAll()
  await twoPeople(served)
})
afterAll(() => served.close())

const post = (json: unknown, headers = {}) =>
  createBrowser().send(`${served.base}/auth/oauth2/register`, {
    json,
    headers: { accept: 'application/json', ...headers },
  })
const ada = () => ({ base: served.base, email: 'ada@example.com', password: PASSWORD })

test.each([
  ['a loopback client that says nothing of its type', ['http://127.0.0.1:33418/callback']],
  ['localhost and [::1]', ['http://localhost/cb', 'http://[::1]:8080/cb']],
  ['Cursor', ['cursor://anysphere.cursor-mcp/oauth/callback']],
  ['VS Code', ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect']],
  ['Claude', ['https://claude.ai/api/mcp/auth_callback']],
  ['a reverse domain name', ['com.example.app:/oauth']],
])('registers %s', async (_name, redirect_uris) => {
  const answer = await post({ client_name: 'x', redirect_uris })
  expect(answer.status).toBe(201)
  expect(JSON.parse(answer.body)).toMatchObject({
    client_id: expect.stringMatching(/^[\w-]{24}$/),
    redirect_uris,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
  })
})

const REFUSED_URIS = [
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'vbscript:x',
  'ms-msdt:/id',
  'search-ms:query=x',
  'http://example.com/cb',
  'http://localhost.evil.example/cb',
  'http://127.0.0.1.evil.example/cb',
  'http://127.1/cb',
  'http://0x7f000001/cb',
  'http://2130706433/cb',
  'http://0.0.0.0/cb',
  'http://localhost./cb',
  'https://localhost/cb',
  'https://127.0.0.1/cb',
  'https://example/cb',
  'https://example.com./cb',
  'https://user:pass@example.com/cb',
  'https://example.com@evil.example/cb',
  'https://example.com/cb#fragment',
  'https://example.com/cb#',
  'https://*.example.com/cb',
  'https://example.com/*',
  'https://example.com\\@evil.example/cb',
  'https://exam\tple.com/cb',
  'https://example.com/c b',
  'https://ex\u00e4mple.com/cb',
  'HTTPS:example.com',
  '//example.com/cb',
  '/cb',
  '',
  `https://example.com/${'x'.repeat(2100)}`,
]

test.each(REFUSED_URIS)('refuses the redirect URI %j', async (uri) => {
  expect(redirectUriProblem(uri)).not.toBeNull()
  const answer = await post({ redirect_uris: [uri] })
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body).error).toBe('invalid_redirect_uri')
})

test.each([
  ['no redirect URI', {}, 'invalid_redirect_uri'],
  ['an empty list', { redirect_uris: [] }, 'invalid_redirect_uri'],
  [
    'a client without the code grant',
    { redirect_uris: ['http://localhost/'], grant_types: ['client_credentials'] },
    'invalid_client_metadata',
  ],
  [
    'the implicit flow',
    { redirect_uris: ['http://localhost/'], response_types: ['token'] },
    'invalid_client_metadata',
  ],
  [
    'private_key_jwt',
    { redirect_uris: ['http://localhost/'], token_endpoint_auth_method: 'private_key_jwt' },
    'invalid_client_metadata',
  ],
  [
    'an overlong name',
    { redirect_uris: ['http://localhost/'], client_name: 'x'.repeat(300) },
    'invalid_client_metadata',
  ],
])('refuses %s', async (_name, metadata, error) => {
  const answer = await post(metadata)
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body).error).toBe(error)
})

test('refuses a body that is no JSON, in OAuth words', async () => {
  const answer = await createBrowser().send(`${served.base}/auth/oauth2/register`, {
    form: { a: 'b' },
    headers: { 'content-type': 'application/json', accept: 'application/json' },
  })
  expect(answer.status).toBe(400)
  expect(JSON.parse(answer.body)).toMatchObject({ error: 'invalid_request' })
  expect(answer.body).not.toMatch(/at \w+ \(|node_modules/)
})

test('a code is delivered to a private-use scheme', async () => {
  const redirectUri = 'cursor://anysphere.cursor-mcp/oauth/callback'
  const clientId = await register(served.base, { redirect_uris: [redirectUri] })
  const back = await clickThrough({ ...ada(), clientId, redirectUri }, newVerifier())
  expect(back.protocol).toBe('cursor:')
  expect(back.searchParams.get('code')).toBeTruthy()
})

test('only the port of a loopback redirect may differ from the registered one', async () => {
  const clientId = await register(served.base, { redirect_uris: ['http://127.0.0.1/callback'] })
  const back = await clickThrough(
    { ...ada(), clientId, redirectUri: 'http://127.0.0.1:51234/callback' },
    newVerifier(),
  )
  expect(back.port).toBe('51234')
})

test('refuses an unknown client with a page, not a redirect', async () => {
  const answer = await createBrowser().open(authorizeUrl({ ...ada(), clientId: 'nobody' }, newVerifier()))
  expect([answer.status, answer.left]).toEqual([400, undefined])
})

test('the built-in client of the terminal cannot be used to sign in', async () => {
  await served.store.grants.ensure({
    userId: 1,
    clientId: 'zuko-mcp-admin',
    clientName: 'x',
    scopes: ['tasks:read'],
    at: 1,
  })
  const answer = await createBrowser().open(
    authorizeUrl({ ...ada(), clientId: 'zuko-mcp-admin' }, newVerifier()),
  )
  expect([answer.status, answer.left]).toEqual([400, undefined])
})

test('at a thousand clients that nobody uses, no more are registered until some expire', async () => {
  const full = await serveAll()
  for (let index = 0; index < 1000; index += 1) {
    await registerClient(full.auth, { redirect_uris: ['http://localhost/'] })
  }
  await expect(register(full.base)).rejects.toThrow('429')
  await full.store.sweep(Date.now() + 25 * 3600 * 1000)
  expect(await register(full.base)).toBeTruthy()
  await full.close()
})
