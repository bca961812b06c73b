import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, ProxyOptions, Session } from '../../src/proxy/types.js'
import { type FakeAuth, fakeAuth } from '../helpers/fake-auth.js'
import { type Desk, desk } from '../helpers/proxy-login.js'

let auth: FakeAuth
let person: Desk
const sessions: Session[] = []

beforeEach(async () => {
  auth = await fakeAuth()
  person = await desk(auth)
})

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
  await auth.close()
  await person.clean()
})

const open = (more: Partial<ProxyOptions> = {}): Session => {
  const session = openSession({ ...person.options, ...more })
  sessions.push(session)
  return session
}

/** What the server says to a call. */
async function call(token: string | undefined, name = 'read') {
  const response = await fetch(auth.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } }),
  })
  const wwwAuthenticate = response.headers.get('www-authenticate') ?? undefined
  return { status: response.status as 200 | 401 | 403, wwwAuthenticate }
}

/** Calls, and takes a refusal to the session, as the relay does. */
async function refused(session: Session, token: string | undefined, name?: string): Promise<Outcome> {
  const { status, wwwAuthenticate } = await call(token, name)
  if (status === 200) throw new Error('The call was not refused.')
  return session.challenged({ status, wwwAuthenticate, token })
}

/** The token in the end; a person follows the address where no browser went there by itself. */
async function tokenOf(outcome: Outcome): Promise<string> {
  if (outcome.kind === 'failed') throw new Error(outcome.message)
  if (outcome.kind === 'token') return outcome.token
  if (!person.tabs.some(({ href }) => href === outcome.url)) await fetch(outcome.url)
  return outcome.done
}

describe('a first login', () => {
  it('has no token and opens no browser before the server asks for one', async () => {
    expect(await open().token()).toBeUndefined()
    expect(auth.requests).toHaveLength(0)
    expect(person.tabs).toHaveLength(0)
  })

  it('brings a token that the server takes, after one tab and one registration', async () => {
    const session = open()
    const outcome = await refused(session, undefined)
    expect(outcome).toMatchObject({ kind: 'sign-in', url: person.tabs[0]?.href })
    const token = await tokenOf(outcome)
    expect(await call(token)).toMatchObject({ status: 200 })
    expect(await session.token()).toBe(token)
    expect(person.tabs).toHaveLength(1)
    expect(auth.of('/auth/register')).toHaveLength(1)
  })
})

describe('a login with a person', () => {
  it('sends PKCE S256, state and the resource, and the resource again for the token', async () => {
    await tokenOf(await refused(open(), undefined))
    const [authorize] = auth.of('/auth/authorize')
    expect(Object.fromEntries(authorize?.query ?? [])).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      resource: auth.url.href,
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    })
    const [token] = auth.of('/auth/token')
    expect(token?.form.get('resource')).toBe(auth.url.href)
    expect(token?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
  })

  it('prints the address as well', async () => {
    await tokenOf(await refused(open(), undefined))
    expect(person.said.join('\n')).toContain(person.tabs[0]?.href)
  })

  it('opens nothing and prints the address when no browser is wanted', async () => {
    const outcome = await refused(open({ browser: false }), undefined)
    expect(person.tabs).toHaveLength(0)
    expect(person.said.join('\n')).toContain((outcome as { url: string }).url)
    expect(await call(await tokenOf(outcome))).toMatchObject({ status: 200 })
  })

  it('shares one login among all calls of the process', async () => {
    const session = open()
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => refused(session, undefined)))
    const tokens = await Promise.all(outcomes.map(tokenOf))
    expect(new Set(tokens).size).toBe(1)
    expect(person.tabs).toHaveLength(1)
  })

  it('is remembered by the next process', async () => {
    const token = await tokenOf(await refused(open(), undefined))
    expect(await open().token()).toBe(token)
  })

  it('is kept apart by profile', async () => {
    await tokenOf(await refused(open(), undefined))
    expect(await open({ profile: 'work' }).token()).toBeUndefined()
  })

  it('is kept whatever the headers are', async () => {
    const token = await tokenOf(await refused(open(), undefined))
    expect(await open({ headers: { 'x-key': 'rotated' } }).token()).toBe(token)
  })

  it('tells the listeners once', async () => {
    const session = open()
    let told = 0
    session.onLogin(() => {
      told += 1
    })
    await tokenOf(await refused(session, undefined))
    await new Promise((resume) => setTimeout(resume, 100))
    expect(told).toBe(1)
  })

  it('tells the listeners of a sibling that had been refused', async () => {
    const sibling = open({ browser: false })
    await sibling.token()
    const told = new Promise<void>((resolve) => sibling.onLogin(resolve))
    await new Promise((resume) => setTimeout(resume, 50))
    const token = await tokenOf(await refused(open(), undefined))
    await told
    expect(await sibling.token()).toBe(token)
  })

  it('ends in words when the person declines, and opens no second tab by itself', async () => {
    auth.behave.person = 'denies'
    const session = open()
    const first = await refused(session, undefined)
    await expect(tokenOf(first)).rejects.toThrow('The sign-in was declined.')
    const second = await refused(session, undefined)
    expect(second.kind).toBe('sign-in')
    expect(person.tabs).toHaveLength(1)
  })

  it('ends in words when nobody comes', async () => {
    auth.behave.person = 'waits'
    const outcome = await refused(open({ authTimeoutMs: 300 }), undefined)
    await expect(tokenOf(outcome)).rejects.toThrow('Nobody signed in within')
  })

  it('stops listening for the answer when the session closes', async () => {
    auth.behave.person = 'waits'
    const session = open()
    const outcome = await refused(session, undefined)
    const back = new URL((outcome as { url: string }).url).searchParams.get('redirect_uri') ?? ''
    await session.close()
    await expect(fetch(back)).rejects.toThrow()
  })

  it('is finished by whoever comes next, on the same page, when its process ends', async () => {
    auth.behave.person = 'waits'
    const first = open()
    const abandoned = (await refused(first, undefined)) as { url: string }
    await first.close()
    const outcome = (await refused(open(), undefined)) as Outcome & { url: string }
    expect(outcome.url).toBe(abandoned.url)
    expect(person.tabs).toHaveLength(1)
    auth.behave.person = 'approves'
    await fetch(abandoned.url)
    expect(await call(await tokenOf(outcome))).toMatchObject({ status: 200 })
    expect(auth.of('/auth/register')).toHaveLength(1)
  })
})

describe('a refused token', () => {
  it('is renewed without a person', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    auth.expireAccess()
    const outcome = await refused(session, first)
    expect(outcome.kind).toBe('token')
    expect(await call(await tokenOf(outcome))).toMatchObject({ status: 200 })
    expect(person.tabs).toHaveLength(1)
    expect(auth.of('/auth/token').at(-1)?.form.get('resource')).toBe(auth.url.href)
  })

  it('is renewed once for sixteen calls at once', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    auth.expireAccess()
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => refused(session, first)))
    const tokens = await Promise.all(outcomes.map(tokenOf))
    expect(new Set(tokens).size).toBe(1)
    expect(auth.refreshes()).toBe(1)
  })

  it('is replaced by what a sibling has renewed, without asking the server', async () => {
    const [one, other] = [open(), open()]
    const first = await tokenOf(await refused(one, undefined))
    expect(await other.token()).toBe(first)
    auth.expireAccess()
    const renewed = await tokenOf(await refused(one, first))
    expect(await refused(other, first)).toEqual({ kind: 'token', token: renewed })
    expect(auth.refreshes()).toBe(1)
  })

  it('keeps the old refresh token when none comes back', async () => {
    auth.behave.rotates = false
    const session = open()
    let token = await tokenOf(await refused(session, undefined))
    for (let round = 0; round < 2; round++) {
      auth.expireAccess()
      token = await tokenOf(await refused(session, token))
    }
    expect(await call(token)).toMatchObject({ status: 200 })
    expect(person.tabs).toHaveLength(1)
  })

  it('needs the person again once the refresh token has ended, and is offered no more', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    auth.revokeAll()
    const outcome = await refused(session, first)
    expect(outcome.kind).toBe('sign-in')
    await tokenOf(outcome)
    const offered = auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')
    expect(offered).toHaveLength(1)
  })

  it('costs the person nothing when the authorization server is down for a while', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    auth.expireAccess()
    for (const status of [500, 503, 429]) {
      auth.behave.answers.set('/auth/token', { status, body: '<html>', times: 1 })
      expect(await refused(session, first)).toMatchObject({ kind: 'failed' })
    }
    expect(await call(await tokenOf(await refused(session, first)))).toMatchObject({ status: 200 })
    expect(person.tabs).toHaveLength(1)
  })

  it('costs the person nothing when the network is down for a while', async () => {
    const down = { now: false }
    const session = open({
      fetch: (...given) => (down.now ? Promise.reject(new TypeError('fetch failed')) : fetch(...given)),
    })
    const first = await tokenOf(await refused(session, undefined))
    auth.expireAccess()
    down.now = true
    expect(await refused(session, first)).toMatchObject({
      kind: 'failed',
      message: `${auth.url.host} does not answer (no connection).`,
    })
    down.now = false
    expect((await refused(session, first)).kind).toBe('token')
  })

  it('is not renewed for ever when the server refuses every new one', async () => {
    const session = open()
    let token = await tokenOf(await refused(session, undefined))
    const kinds: string[] = []
    for (let round = 0; round < 4; round++) {
      auth.expireAccess()
      const outcome = await refused(session, token)
      kinds.push(outcome.kind)
      if (outcome.kind === 'token') token = outcome.token
    }
    expect(kinds).toEqual(['token', 'token', 'token', 'sign-in'])
    expect(person.tabs).toHaveLength(1)
  })

  it('sends no refresh token to another authorization server', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    const secret = auth.of('/auth/token')
    auth.behave.issuerPath = '/moved'
    auth.expireAccess()
    const token = await tokenOf(await refused(session, first))
    expect(await call(token)).toMatchObject({ status: 200 })
    const sent = auth.of('/moved/token').map(({ form }) => form.get('grant_type'))
    expect(sent).toEqual(['authorization_code'])
    expect(auth.of('/moved/register')).toHaveLength(1)
    expect(auth.of('/auth/token')).toHaveLength(secret.length)
  })

  it('sends no given client id to another authorization server', async () => {
    const registered = await fetch(`${auth.issuer}/register`, {
      method: 'POST',
      body: JSON.stringify({
        redirect_uris: ['http://127.0.0.1/callback'],
        token_endpoint_auth_method: 'none',
      }),
    })
    const { client_id: clientId } = (await registered.json()) as { client_id: string }
    const session = open({ clientId })
    const first = await tokenOf(await refused(session, undefined))
    auth.behave.issuerPath = '/moved'
    auth.expireAccess()
    expect(await refused(session, first)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('/moved now'),
    })
    expect(auth.requests.filter(({ path }) => path.startsWith('/moved'))).toHaveLength(0)
  })

  it('registers anew, once, when the server has forgotten the client', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    auth.forgetClients()
    auth.expireAccess()
    const token = await tokenOf(await refused(session, first))
    expect(await call(token)).toMatchObject({ status: 200 })
    expect(auth.of('/auth/register')).toHaveLength(2)
  })
})

describe('the clock', () => {
  it('renews a minute before the end', async () => {
    let now = Date.now()
    const session = open({ now: () => now })
    const first = await tokenOf(await refused(session, undefined))
    now += 539_000
    expect(await session.token()).toBe(first)
    now += 2_000
    const second = await session.token()
    expect(second).not.toBe(first)
    expect(await call(second)).toMatchObject({ status: 200 })
    expect(auth.refreshes()).toBe(1)
  })

  it('renews a short life at four fifths', async () => {
    auth.behave.expiresIn = 10
    let now = Date.now()
    const session = open({ now: () => now })
    const first = await tokenOf(await refused(session, undefined))
    now += 7_900
    expect(await session.token()).toBe(first)
    now += 200
    expect(await session.token()).not.toBe(first)
  })

  it('renews once for calls that come together', async () => {
    let now = Date.now()
    const session = open({ now: () => now })
    await tokenOf(await refused(session, undefined))
    now += 700_000
    const tokens = await Promise.all(Array.from({ length: 16 }, () => session.token()))
    expect(new Set(tokens).size).toBe(1)
    expect(auth.refreshes()).toBe(1)
  })

  it('goes on with a token that still works when the renewal fails', async () => {
    let now = Date.now()
    const session = open({ now: () => now })
    const first = await tokenOf(await refused(session, undefined))
    now += 560_000
    auth.behave.answers.set('/auth/token', { status: 503 })
    expect(await session.token()).toBe(first)
  })

  it('has no token when the renewal of an ended one fails', async () => {
    let now = Date.now()
    const session = open({ now: () => now })
    await tokenOf(await refused(session, undefined))
    now += 700_000
    auth.behave.answers.set('/auth/token', { status: 503 })
    expect(await session.token()).toBeUndefined()
  })

  it('never renews a token whose end nobody named', async () => {
    auth.behave.expiresIn = undefined
    let now = Date.now()
    const session = open({ now: () => now })
    const first = await tokenOf(await refused(session, undefined))
    now += 365 * 86_400_000
    expect(await session.token()).toBe(first)
  })
})

describe('a missing scope', () => {
  it('asks for what was granted and what is missing, together', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    expect(auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read')
    const second = await tokenOf(await refused(session, first, 'write'))
    expect(auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read tasks:write')
    expect(await call(second, 'write')).toMatchObject({ status: 200 })
    expect(person.tabs).toHaveLength(2)
  })

  it('is not asked for again once the person has left it out', async () => {
    auth.behave.grants = ['tasks:read']
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    const outcome = await refused(session, first, 'write')
    await expect(tokenOf(outcome)).rejects.toThrow(
      'The sign-in did not grant what this call needs: tasks:write.',
    )
    const again = await refused(session, await session.token(), 'write')
    expect(again).toMatchObject({ kind: 'failed', fix: expect.stringContaining('zuko-mcp proxy login') })
    expect(person.tabs).toHaveLength(2)
  })

  it('leaves the narrower login in use', async () => {
    auth.behave.grants = ['tasks:read']
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    await tokenOf(await refused(session, first, 'write')).catch(() => {})
    expect(await call(await session.token())).toMatchObject({ status: 200 })
  })

  it('is asked for a few times at most when the server never has enough', async () => {
    const session = open()
    let token = await tokenOf(await refused(session, undefined))
    const kinds: string[] = []
    for (let round = 0; round < 4; round++) {
      const outcome = await session.challenged({
        status: 403,
        token,
        wwwAuthenticate: 'Bearer error="insufficient_scope", scope="tasks:write"',
      })
      kinds.push(outcome.kind)
      if (outcome.kind === 'failed') break
      token = await tokenOf(outcome)
    }
    expect(kinds.filter((kind) => kind !== 'failed').length).toBeLessThanOrEqual(2)
    expect(kinds.at(-1)).toBe('failed')
  })

  it('is kept over the next login', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    const second = await tokenOf(await refused(session, first, 'write'))
    auth.revokeAll()
    await tokenOf(await refused(session, second))
    expect(auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read tasks:write')
  })
})

describe('the scope of a first login', () => {
  const asked = () => auth.of('/auth/authorize').at(-1)?.query.get('scope')

  it('is the challenge’s', async () => {
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBe('tasks:read')
  })

  it('is the resource’s where the challenge names none', async () => {
    auth.behave.challengeScope = undefined
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBe('tasks:read tasks:write')
  })

  it('is left out where nobody names one', async () => {
    auth.behave.challengeScope = undefined
    auth.behave.scopesSupported = undefined
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBeNull()
  })

  it('is the person’s where they name one', async () => {
    await tokenOf(await refused(open({ scope: 'tasks:write' }), undefined))
    expect(asked()).toBe('tasks:write')
  })

  it('asks for offline access, with consent, where the server knows it', async () => {
    auth.behave.metadata = { scopes_supported: ['tasks:read', 'offline_access'] }
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBe('tasks:read offline_access')
    expect(auth.of('/auth/authorize').at(-1)?.query.get('prompt')).toBe('consent')
  })
})

describe('a given token', () => {
  it('is used as it is', async () => {
    expect(await open({ token: 'given' }).token()).toBe('given')
  })

  it('leads to words when it is refused, not to a login', async () => {
    const session = open({ token: 'given' })
    expect(await refused(session, 'given')).toEqual({
      kind: 'failed',
      message: 'The token in ZUKO_TOKEN was refused.',
      fix: 'set another, or leave it out to sign in',
    })
    expect(person.tabs).toHaveLength(0)
  })

  it('may come as a header', async () => {
    const session = open({ headers: { Authorization: 'Bearer own' } })
    expect(await session.token()).toBeUndefined()
    expect(await refused(session, undefined)).toMatchObject({ kind: 'failed' })
    expect(person.tabs).toHaveLength(0)
  })
})
