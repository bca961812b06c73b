import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterEach, expect, test } from 'vitest'
import { addPerson } from '../../src/auth/people.js'
import { createAuth } from '../../src/auth/server.js'
import { readConfig, type ServeRole } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { runServe } from '../../src/serve/index.js'
import { openStore } from '../../src/store/open.js'
import { createBrowser } from '../helpers/browser.js'
import { logIn, register } from '../helpers/oauth.js'
import { freePort } from '../helpers/program.js'
import { runRole } from '../helpers/running.js'
import { PASSWORD, SECRET } from '../helpers/serve.js'

const folder = mkdtempSync(join(tmpdir(), 'zuko-roles-'))
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  rmSync(folder, { recursive: true, force: true })
})

async function start(env: Record<string, string>, role?: ServeRole): Promise<string[]> {
  const running = await runRole({ BETTER_AUTH_SECRET: SECRET, ...env }, role)
  stops.push(running.stop)
  return running.lines
}

async function onePerson(path: string, backendUrl: string): Promise<number> {
  const store = await openStore(path)
  const auth = await createAuth({ store, backendUrl, secret: SECRET, log: createLog('silent') })
  const { id } = await addPerson(auth, {
    email: 'ada@example.com',
    name: 'Ada',
    password: PASSWORD,
    at: new Date(),
  })
  const { id: organizationId } = await store.organizations.add({ name: 'Acme', slug: 'acme', at: 1 })
  await store.members.add({ userId: id, organizationId, role: 'owner', at: 1 })
  await store.close()
  return id
}

const call = (base: string, token: string, name: string) =>
  createBrowser().send(`${base}/api/mcp`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: {} } },
  })

test('an endpoint apart from its authorization server: one login, through the public address alone', async () => {
  const [publicPort, authPort] = [await freePort(), await freePort()]
  const base = `http://localhost:${publicPort}`
  const path = join(folder, 'roles.db')
  const id = await onePerson(path, base)
  const env = {
    BACKEND_URL: base,
    BETTER_AUTH_URL: `http://localhost:${authPort}`,
    DATABASE_URL: `file:${path}`,
  }
  await start(env, 'auth')
  await start(env)

  const metadata = await createBrowser().send(`${base}/.well-known/oauth-authorization-server/auth`)
  expect(JSON.parse(metadata.body)).toMatchObject({
    issuer: `${base}/auth`,
    token_endpoint: `${base}/auth/oauth2/token`,
  })
  const clientId = await register(base)
  const tokens = await logIn({ base, clientId, email: 'ada@example.com', password: PASSWORD })
  expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: String(id), aud: `${base}/api/mcp` })
  const answer = await call(base, tokens.access_token, 'list_organizations')
  expect(JSON.parse(answer.body).result.structuredContent.organizations).toMatchObject([{ slug: 'acme' }])
  const direct = await createBrowser().send(`http://localhost:${authPort}/api/mcp`, { json: {} })
  expect(direct.status).toBe(404)
})

test('says on its front page how to connect, and is ready', async () => {
  const base = `http://localhost:${await freePort()}`
  await start({ BACKEND_URL: base, DATABASE_URL: `file:${join(folder, 'front.db')}` })
  const page = await createBrowser().send(`${base}/`)
  expect(page.body).toContain(`claude mcp add --transport http zuko ${base}/api/mcp`)
  expect((await createBrowser().send(`${base}/readyz`)).status).toBe(200)
  expect((await createBrowser().send(`${base.replace('localhost', '[::1]')}/healthz`)).status).toBe(200)
})

test('a port that is taken is one line that says so', async () => {
  const port = await freePort()
  const env = { BACKEND_URL: `http://localhost:${port}`, DATABASE_URL: `file:${join(folder, 'taken.db')}` }
  await start(env)
  await expect(start(env)).rejects.toMatchObject({
    code: 'FAILED',
    message: `Port ${port} on 127.0.0.1 is taken by another program.`,
  })
})

test.each(['all', 'auth'] as const)('the role %s is refused beside a foreign issuer', async (role) => {
  const env = {
    OAUTH_ISSUER: 'https://id.example/realms/acme',
    DATABASE_URL: `file:${join(folder, 'never.db')}`,
  }
  await expect(start(env, role)).rejects.toMatchObject({
    code: 'CONFIGURATION',
    message: `The role ${role} runs an authorization server, and OAUTH_ISSUER names another: https://id.example/realms/acme.`,
    fix: 'use the role mcp, or unset OAUTH_ISSUER',
  })
  expect(existsSync(join(folder, 'never.db'))).toBe(false)
})

test('the demo refuses a foreign issuer', async () => {
  const running = runServe({
    config: readConfig({ OAUTH_ISSUER: 'https://id.example' }),
    demo: true,
    log: createLog('silent'),
    version: '0',
    signal: new AbortController().signal,
    print: () => {},
  })
  await expect(running).rejects.toMatchObject({
    code: 'CONFIGURATION',
    fix: 'unset OAUTH_ISSUER, or leave out --demo',
  })
})

test('the demo refuses a public address', async () => {
  const config = readConfig({ BACKEND_URL: 'https://zuko.example.com' })
  const running = runServe({
    config,
    demo: true,
    log: createLog('silent'),
    version: '0',
    signal: new AbortController().signal,
    print: () => {},
  })
  await expect(running).rejects.toMatchObject({ code: 'CONFIGURATION' })
})
