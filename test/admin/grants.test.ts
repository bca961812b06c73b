import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listClients, revokeClient } from '../../src/admin/clients.js'
import type { AdminDeps } from '../../src/admin/deps.js'
import { listGrants, revokeGrant } from '../../src/admin/grants.js'
import { readConfig } from '../../src/config.js'
import { adminBench, scriptedIo } from '../helpers/admin.js'
import { createBrowser } from '../helpers/browser.js'
import {
  ALL_SCOPES,
  CALLBACK,
  clickThrough,
  logIn,
  newVerifier,
  register,
  type Tokens,
  tokenRequest,
} from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let served: Served
beforeAll(async () => {
  served = await serveAll()
  await twoPeople(served)
})
afterAll(() => served.close())

let clientId: string
let tokens: Tokens
const who = { email: 'ada@example.com', password: PASSWORD }
beforeEach(async () => {
  clientId = await register(served.base, { client_name: 'Claude' })
  tokens = await logIn({ base: served.base, clientId, ...who })
})

const deps = (io = scriptedIo()): AdminDeps => ({
  io: io.io,
  signal: new AbortController().signal,
  now: () => new Date(),
  config: async () => readConfig({}),
  store: async () => served.store,
  auth: async () => served.auth,
})

const printed = async (command: (deps: AdminDeps) => Promise<void>): Promise<string> => {
  const terminal = scriptedIo()
  await command(deps(terminal))
  return terminal.out.join('\n')
}

const callStatus = async ({ access_token }: Tokens) => {
  const answer = await createBrowser().send(`${served.base}/api/mcp`, {
    headers: { authorization: `Bearer ${access_token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  })
  return answer.status
}

const renew = () =>
  tokenRequest(served.base, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
    client_id: clientId,
  })

describe('grants', () => {
  test('list shows who allowed which client what, without its control characters', async () => {
    // Registration refuses such a name; a store may hold one from elsewhere.
    const { id: userId } = (await served.store.people.findByEmail(who.email)) ?? { id: 0 }
    const grant = { userId, clientId: 'from-elsewhere', clientName: 'Evil\u001b[2J', at: Date.now() }
    await served.store.grants.ensure({ ...grant, scopes: ALL_SCOPES.split(' ') })
    const out = await printed((given) => listGrants(given, {}))
    const line = out.split('\n').find((one) => one.includes('from-elsewhere')) ?? ''
    expect(line).toMatch(/^ada@example.com .*Evil�\[2J .*organizations:read tasks:read tasks:write/)
  })

  test('revoke ends access and refresh tokens at once; twice, changes nothing', async () => {
    expect(await callStatus(tokens)).toBe(200)
    const revoke = (given: AdminDeps) => revokeGrant(given, { email: 'ada@example.com', clientId })
    expect(await printed(revoke)).toBe(`ada@example.com allows ${clientId} nothing any more.`)
    expect(await callStatus(tokens)).toBe(401)
    expect((await renew()).status).toBe(400)
    expect(await printed(revoke)).toBe(`Nothing changed: ada@example.com allows ${clientId} nothing.`)
  })

  test('a revoked client may ask again, and the old token stays dead', async () => {
    await revokeGrant(deps(), { email: 'ada@example.com', clientId })
    const again = await logIn({ base: served.base, clientId, ...who })
    expect(await callStatus(again)).toBe(200)
  })
})

describe('clients', () => {
  const row = async () =>
    JSON.parse(await printed((given) => listClients(given, { json: true }))).find(
      (one: { clientId: string }) => one.clientId === clientId,
    )

  test('list shows where each sends people back to, and how many allowed it something', async () => {
    expect(await row()).toMatchObject({ redirectUris: [CALLBACK], grants: 1, disabled: false })
    expect(await printed((given) => listClients(given, {}))).toContain('127.0.0.1:7777')
  })

  test('revoke ends every grant and the way in; twice, changes nothing', async () => {
    const revoke = (given: AdminDeps) => revokeClient(given, { clientId, yes: true })
    expect(await printed(revoke)).toBe(`${clientId} ("Claude") is refused now; 1 grant ended.`)
    expect(await callStatus(tokens)).toBe(401)
    expect((await renew()).status).toBe(400)
    await expect(clickThrough({ base: served.base, clientId, ...who }, newVerifier())).rejects.toThrow()
    expect(await printed(revoke)).toContain('Nothing changed')
    expect(await row()).toMatchObject({ grants: 0, disabled: true })
  })

  test('a revoked client stays revoked when what is unused is swept', async () => {
    await revokeClient(deps(), { clientId, yes: true })
    await served.store.sweep(Date.now() + 7 * 86_400_000)
    expect(await row()).toMatchObject({ disabled: true })
  })
})

describe('on a store without clients', () => {
  test('lists say that there is none, and --json an empty array', async () => {
    const bench = await adminBench()
    for (const noun of ['clients', 'grants']) {
      const terminal = scriptedIo()
      expect(await bench.run([noun, 'list'], terminal)).toBe('')
      expect(terminal.err).toHaveLength(1)
      expect(await bench.json([noun, 'list', '--json'])).toEqual([])
    }
  })

  test("refuses to revoke the terminal's own client", async () => {
    const bench = await adminBench()
    const { id } = await bench.store.people.add({ email: 'ada@example.com', name: 'Ada', at: 1 })
    await bench.run(['token', '--as', 'ada@example.com'])
    const error = await bench.refusal(['clients', 'revoke', 'zuko-mcp-admin', '--yes'])
    expect(error.message).toContain("the terminal's own client")
    expect(await bench.store.principals.byId(id, 'zuko-mcp-admin')).toMatchObject({
      grantedAt: expect.any(Number),
    })
  })

  test('refuses an unknown client and names the nearest', async () => {
    const bench = await adminBench()
    await bench.store.people.add({ email: 'ada@example.com', name: 'Ada', at: 1 })
    await bench.run(['token', '--as', 'ada@example.com'])
    const error = await bench.refusal(['grants', 'revoke', 'ada@example.com', 'zuko-mcp-admn'])
    expect(error.fix).toContain('"zuko-mcp-admin"')
  })
})
