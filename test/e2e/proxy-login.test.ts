import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { doctorCommand } from '../../src/proxy/commands/doctor.js'
import { loginCommand } from '../../src/proxy/commands/login.js'
import { logoutCommand } from '../../src/proxy/commands/logout.js'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, ProxyOptions, Session } from '../../src/proxy/types.js'
import { clickThroughFrom } from '../helpers/oauth.js'
import { type Desk, desk } from '../helpers/proxy-login.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let served: Served
let person: Desk
const sessions: Session[] = []

beforeEach(async () => {
  served = await serveAll()
  await twoPeople(served)
  person = await desk({ url: new URL(`${served.base}/api/mcp`) })
})
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
  await served.close()
  await person.clean()
})

/** Ada at her computer: her browser signs in, consents, and comes back. */
const ada = (more: Partial<ProxyOptions> = {}): ProxyOptions => ({
  ...person.options,
  openBrowser: async (url) => {
    person.tabs.push(url)
    const login = { base: served.base, email: 'ada@example.com', password: PASSWORD }
    void clickThroughFrom(url.href, login).then((back) => fetch(back))
  },
  ...more,
})

const open = (more: Partial<ProxyOptions> = {}): Session => {
  const session = openSession(ada(more))
  sessions.push(session)
  return session
}

async function call(token: string | undefined) {
  const response = await fetch(person.options.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  })
  const wwwAuthenticate = response.headers.get('www-authenticate') ?? undefined
  return {
    status: response.status as 200 | 401,
    wwwAuthenticate,
    body: (await response.json()) as { result?: { tools: unknown[] } },
  }
}

async function signIn(session: Session, token?: string): Promise<string> {
  const { status, wwwAuthenticate } = await call(token)
  const outcome: Outcome = await session.challenged({ status: status as 401, wwwAuthenticate, token })
  if (outcome.kind === 'failed') throw new Error(outcome.message)
  return outcome.kind === 'token' ? outcome.token : outcome.done
}

const registrations = async (): Promise<number> => (await served.store.clients.list()).length

it('signs in at the real server, and the token lists its tools', async () => {
  const token = await signIn(open())
  const { status, body } = await call(token)
  expect(status).toBe(200)
  expect(body.result?.tools).toHaveLength(5)
})

it('renews at the real server', async () => {
  let now = Date.now()
  const session = open({ now: () => now })
  const first = await signIn(session)
  now += 570_000
  const second = await session.token()
  expect(second).not.toBe(first)
  expect((await call(second)).status).toBe(200)
  expect(person.tabs).toHaveLength(1)
})

it('uses its registration again when its port is taken', async () => {
  await loginCommand(ada())
  const redirect = new URL(new URL(person.tabs[0] ?? '').searchParams.get('redirect_uri') ?? '')
  const squatter: Server = createServer().listen(Number(redirect.port), '127.0.0.1')
  await new Promise((resolve) => squatter.once('listening', resolve))
  await logoutCommand(ada())
  await loginCommand(ada())
  squatter.close()
  expect(person.tabs).toHaveLength(2)
  expect(await registrations()).toBe(1)
})

it('registers anew, before a person sees a thing, when the server has forgotten everything', async () => {
  await loginCommand(ada())
  const { base } = served
  await served.close()
  served = await serveAll({ base })
  await twoPeople(served)
  const { data } = await loginCommand(ada())
  expect(data.login).toBe('new')
  expect(person.tabs).toHaveLength(2)
  expect(await registrations()).toBe(1)
})

it('registers anew when its client was revoked', async () => {
  await loginCommand(ada())
  for (const { clientId } of await served.store.clients.list()) await served.store.clients.revoke(clientId)
  const { data } = await loginCommand(ada())
  expect(data.login).toBe('new')
  expect(person.tabs).toHaveLength(2)
})

it('keeps its login when the server restarts', async () => {
  const path = `${person.options.directory}.db`
  await served.close()
  served = await serveAll({ database: path })
  await twoPeople(served)
  const { base } = served
  const url = new URL(`${base}/api/mcp`)
  await loginCommand(ada({ url }))
  await served.close()
  served = await serveAll({ database: path, base })
  expect((await loginCommand(ada({ url }))).data.login).toBe('kept')
  expect(person.tabs).toHaveLength(1)
})

it('signs out at the real server', async () => {
  await loginCommand(ada())
  expect((await logoutCommand(ada())).data).toMatchObject({ loggedOut: true, revoked: true })
})

it('is found sound by the doctor', async () => {
  await loginCommand(ada())
  const { data } = await doctorCommand(ada())
  expect(data.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(data.at(-1)?.detail).toBe('5 listed')
})
