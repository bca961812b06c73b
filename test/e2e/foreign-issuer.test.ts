import { decodeProtectedHeader } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { doctorCommand } from '../../src/proxy/commands/doctor.js'
import { loginCommand } from '../../src/proxy/commands/login.js'
import { openStore } from '../../src/store/open.js'
import { createBrowser } from '../helpers/browser.js'
import { temporaryFolder } from '../helpers/folder.js'
import {
  type ForeignIssuer,
  signInAbroad,
  startForeignIssuer,
  tokenAbroad,
} from '../helpers/foreign-issuer.js'
import { freePort } from '../helpers/program.js'
import { desk } from '../helpers/proxy-login.js'
import { type Running, runRole } from '../helpers/running.js'
import { type Calling, loggedInV1, loggedInV2 } from '../helpers/sdk-clients.js'

const SCOPES = 'organizations:read crm.read crm.write'
const folder = temporaryFolder()
const database = folder.at('zuko.db')
let abroad: ForeignIssuer

/** Ada owns Acme here, and is the subject f3a9 there; whoever signs in as anybody else is unknown here. */
beforeAll(async () => {
  for (const method of ['info', 'warn'] as const) vi.spyOn(console, method).mockReturnValue()
  abroad = await startForeignIssuer(SCOPES.split(' '))
  const store = await openStore(database)
  const ada = await store.people.add({ name: 'Ada', email: 'ada@example.com', at: 1 })
  const acme = await store.organizations.add({ name: 'Acme', slug: 'acme', at: 1 })
  await store.members.add({ userId: ada.id, organizationId: acme.id, role: 'owner', at: 1 })
  await store.people.link({ userId: ada.id, issuer: abroad.issuer, subject: 'f3a9', at: 1 })
  await store.close()
})
afterAll(async () => {
  vi.restoreAllMocks()
  await abroad.close()
  folder.remove()
})

let base: string
let running: Running
beforeEach(async () => {
  base = `http://localhost:${await freePort()}`
})
afterEach(() => running.stop())
const start = async () => {
  running = await runRole({
    BACKEND_URL: base,
    DATABASE_URL: `file:${database}`,
    OAUTH_ISSUER: abroad.issuer,
    OAUTH_SCOPES: 'tasks:read=crm.read,tasks:write=crm.write',
  })
}

const resource = () => `${base}/api/mcp`
const get = (path: string) =>
  createBrowser().send(`${base}${path}`, { headers: { accept: 'application/json' } })
const token = (changed: { subject?: string; scope?: string; resource?: string } = {}) =>
  tokenAbroad({ issuer: abroad.issuer, subject: 'f3a9', scope: SCOPES, resource: resource(), ...changed })

const call = (bearer: string, name = 'list_organizations', args: Record<string, unknown> = {}) =>
  createBrowser().send(resource(), {
    headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
  })
const structured = async (bearer: string, name?: string) =>
  JSON.parse((await call(bearer, name)).body).result.structuredContent

describe('an endpoint behind the authorization server of another product', () => {
  beforeEach(start)

  const ada = async (url: URL) => (await signInAbroad(url.href, 'f3a9')).searchParams
  const clients: [string, () => Promise<Calling>][] = [
    ['v1 SDK', () => loggedInV1(resource(), ada)],
    ['v2 SDK in the legacy era', () => loggedInV2(resource(), ada, 'legacy')],
    ['v2 SDK in the modern era', () => loggedInV2(resource(), ada, 'auto')],
  ]
  describe.each(['RS256', 'EdDSA'] as const)('that signs with %s', (alg) => {
    beforeEach(() => abroad.signWith(alg))
    test.each(clients)(
      'lets a client of the %s find it, sign in there, and call tools here',
      async (_, logIn) => {
        const client = await logIn()
        const { tools } = await client.listTools()
        expect(tools).toHaveLength(5)
        const created = await client.callTool({
          name: 'create_task',
          arguments: { title: 'Call the supplier' },
        })
        expect(created).toMatchObject({ structuredContent: { owners: [{ email: 'ada@example.com' }] } })
        const listed = await client.callTool({ name: 'list_tasks', arguments: {} })
        expect(listed).toMatchObject({
          structuredContent: {
            tasks: expect.arrayContaining([expect.objectContaining({ organizationName: 'Acme' })]),
          },
        })
        await client.close()
      },
    )
  })

  test('lets the bridge sign in there, and the doctor finds nothing wrong', async () => {
    const person = await desk({ url: new URL(resource()) })
    const openBrowser = async (url: URL) => void signInAbroad(url.href, 'f3a9').then((back) => fetch(back))
    const options = { ...person.options, openBrowser }
    expect((await loginCommand(options)).data.login).toBe('new')
    const { data } = await doctorCommand(options)
    expect(data.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(data.at(-1)?.detail).toBe('5 listed')
    await person.clean()
  })

  test('names that server and its scopes in the metadata of the resource', async () => {
    expect(JSON.parse((await get('/.well-known/oauth-protected-resource/api/mcp')).body)).toMatchObject({
      resource: resource(),
      authorization_servers: [abroad.issuer],
      scopes_supported: SCOPES.split(' '),
    })
  })

  test.each([
    '/.well-known/oauth-authorization-server/auth',
    '/auth/jwks',
    '/auth/sign-in',
    '/auth/consent',
    '/auth/oauth2/authorize',
    '/auth/oauth2/token',
  ])('has no %s of its own', async (path) => {
    expect((await get(path)).status).toBe(404)
  })

  test('asks for the foreign scopes in its challenges', async () => {
    const missing = await createBrowser().send(resource(), { json: {} })
    expect(missing.headers['www-authenticate']).toContain(`scope="${SCOPES}"`)
    const narrow = await call(await token({ scope: 'crm.read' }), 'create_task', { title: 'x' })
    expect(narrow.status).toBe(403)
    expect(narrow.headers['www-authenticate']).toContain('scope="crm.read crm.write"')
    expect(narrow.body).toContain('needs the scope crm.write')
  })

  test('says where people sign in, to whoever starts it and on the front page', async () => {
    expect(running.lines).toContain(`Sign in at     ${abroad.issuer}`)
    const { body } = await createBrowser().send(`${base}/`)
    expect(body).toContain(`the sign-in page of <code>${abroad.issuer}</code>`)
    expect(body).toContain('crm.write')
    expect(body).not.toContain('/auth/')
  })

  test('shows somebody who is unknown here no organization and no task', async () => {
    const bearer = await token({ subject: 'somebody' })
    expect(await structured(bearer)).toEqual({ organizations: [] })
    expect(await structured(bearer, 'list_tasks')).toMatchObject({ tasks: [] })
  })

  test('takes a subject that looks like an id for nobody’s id', async () => {
    expect(await structured(await token({ subject: '1' }))).toEqual({ organizations: [] })
  })

  test('refuses a token that the same server minted for another audience', async () => {
    const answer = await call(await token({ resource: 'https://elsewhere.example/api/mcp' }))
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  test('follows a rotation there without refusing a token, old or new', async () => {
    const old = await token()
    expect((await call(old)).status).toBe(200)
    await abroad.rotate()
    const fresh = await token()
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(old).kid)
    expect([(await call(fresh)).status, (await call(old)).status]).toEqual([200, 200])
  })

  test('serves on with the keys it has while that server is down', async () => {
    const [first, second] = [await token(), await token()]
    expect((await call(first)).status).toBe(200)
    await abroad.stop()
    const answers = [(await call(second)).status, (await get('/readyz')).status]
    await abroad.resume()
    expect(answers).toEqual([200, 200])
  })
})

test('starts while that server is down, says 503 until there are keys, and then serves', async () => {
  const bearer = await token()
  await abroad.stop()
  await start()
  const [early, unready, alive] = [await call(bearer), await get('/readyz'), await get('/healthz')]
  await abroad.resume()
  expect([early.status, unready.status, alive.status]).toEqual([503, 503, 200])
  expect(early.headers['retry-after']).toBe('1')
  await expect.poll(async () => (await get('/readyz')).status, { timeout: 15_000 }).toBe(200)
  expect((await call(bearer)).status).toBe(200)
})
