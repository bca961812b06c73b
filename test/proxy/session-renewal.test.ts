import { describe, expect, it } from 'vitest'
import { rig } from '../helpers/proxy-session.js'

const at = rig()
const { open, call, refused, tokenOf } = at

describe('a refused token', () => {
  it('is renewed without a person', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    at.auth.expireAccess()
    const outcome = await refused(session, first)
    expect(outcome.kind).toBe('token')
    expect(await call(await tokenOf(outcome))).toMatchObject({ status: 200 })
    expect(at.person.tabs).toHaveLength(1)
    expect(at.auth.of('/auth/token').at(-1)?.form.get('resource')).toBe(at.auth.url.href)
  })

  it('is renewed once for sixteen calls at once', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    at.auth.expireAccess()
    const outcomes = await Promise.all(Array.from({ length: 16 }, () => refused(session, first)))
    const tokens = await Promise.all(outcomes.map(tokenOf))
    expect(new Set(tokens).size).toBe(1)
    expect(at.auth.refreshes()).toBe(1)
  })

  it('is replaced by what a sibling has renewed, without asking the server', async () => {
    const [one, other] = [open(), open()]
    const first = await tokenOf(await refused(one, undefined))
    expect(await other.token()).toBe(first)
    at.auth.expireAccess()
    const renewed = await tokenOf(await refused(one, first))
    expect(await refused(other, first)).toEqual({ kind: 'token', token: renewed })
    expect(at.auth.refreshes()).toBe(1)
  })

  it('keeps the old refresh token when none comes back', async () => {
    at.auth.behave.rotates = false
    const session = open()
    let token = await tokenOf(await refused(session, undefined))
    for (let round = 0; round < 2; round++) {
      at.auth.expireAccess()
      const outcome = await refused(session, token)
      expect(outcome.kind).toBe('token')
      token = await tokenOf(outcome)
    }
    expect(await call(token)).toMatchObject({ status: 200 })
    expect(at.auth.refreshes()).toBe(2)
  })

  it('needs the person again once the refresh token has ended, and is offered no more', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    at.auth.revokeAll()
    const outcome = await refused(session, first)
    expect(outcome.kind).toBe('sign-in')
    await tokenOf(outcome)
    const offered = at.auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')
    expect(offered).toHaveLength(1)
  })

  it('costs the person nothing when the authorization server is down for a while', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    at.auth.expireAccess()
    for (const status of [500, 503, 429]) {
      at.auth.behave.answers.set('/auth/token', { status, body: '<html>', times: 1 })
      expect(await refused(session, first)).toMatchObject({ kind: 'failed' })
    }
    expect(await call(await tokenOf(await refused(session, first)))).toMatchObject({ status: 200 })
    expect(at.person.tabs).toHaveLength(1)
  })

  it('costs the person nothing when the network is down for a while', async () => {
    const down = { now: false }
    const session = open({
      fetch: (...given) => (down.now ? Promise.reject(new TypeError('fetch failed')) : fetch(...given)),
    })
    const first = await tokenOf(await refused(session, undefined))
    at.auth.expireAccess()
    down.now = true
    expect(await refused(session, first)).toMatchObject({
      kind: 'failed',
      message: `${at.auth.url.host} does not answer (no connection).`,
    })
    down.now = false
    expect((await refused(session, first)).kind).toBe('token')
  })

  it('is not renewed for ever when the server refuses every new one', async () => {
    const session = open()
    let token = await tokenOf(await refused(session, undefined))
    const kinds: string[] = []
    for (let round = 0; round < 4; round++) {
      at.auth.expireAccess()
      const outcome = await refused(session, token)
      kinds.push(outcome.kind)
      if (outcome.kind === 'token') token = outcome.token
    }
    expect(kinds).toEqual(['token', 'token', 'token', 'sign-in'])
    expect(at.person.tabs).toHaveLength(1)
  })

  it('sends no refresh token to another authorization server', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    const secret = at.auth.of('/auth/token')
    at.auth.behave.issuerPath = '/moved'
    at.auth.expireAccess()
    const token = await tokenOf(await refused(session, first))
    expect(await call(token)).toMatchObject({ status: 200 })
    const sent = at.auth.of('/moved/token').map(({ form }) => form.get('grant_type'))
    expect(sent).toEqual(['authorization_code'])
    expect(at.auth.of('/moved/register')).toHaveLength(1)
    expect(at.auth.of('/auth/token')).toHaveLength(secret.length)
  })

  it('sends no given client id to another authorization server', async () => {
    const registered = await fetch(`${at.auth.issuer}/register`, {
      method: 'POST',
      body: JSON.stringify({
        redirect_uris: ['http://127.0.0.1/callback'],
        token_endpoint_auth_method: 'none',
      }),
    })
    const { client_id: clientId } = (await registered.json()) as { client_id: string }
    const session = open({ clientId })
    const first = await tokenOf(await refused(session, undefined))
    at.auth.behave.issuerPath = '/moved'
    at.auth.expireAccess()
    expect(await refused(session, first)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('/moved now'),
    })
    expect(at.auth.requests.filter(({ path }) => path.startsWith('/moved'))).toHaveLength(0)
  })

  it('registers anew, once, when the server has forgotten the client', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    at.auth.forgetClients()
    at.auth.expireAccess()
    const token = await tokenOf(await refused(session, first))
    expect(await call(token)).toMatchObject({ status: 200 })
    expect(at.auth.of('/auth/register')).toHaveLength(2)
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
    expect(at.auth.refreshes()).toBe(1)
  })

  it('renews a short life at four fifths', async () => {
    at.auth.behave.expiresIn = 10
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
    expect(at.auth.refreshes()).toBe(1)
  })

  it('goes on with a token that still works when the renewal fails', async () => {
    let now = Date.now()
    const session = open({ now: () => now })
    const first = await tokenOf(await refused(session, undefined))
    now += 560_000
    at.auth.behave.answers.set('/auth/token', { status: 503 })
    expect(await session.token()).toBe(first)
  })

  it('has no token when the renewal of an ended one fails', async () => {
    let now = Date.now()
    const session = open({ now: () => now })
    await tokenOf(await refused(session, undefined))
    now += 700_000
    at.auth.behave.answers.set('/auth/token', { status: 503 })
    expect(await session.token()).toBeUndefined()
  })

  it('never renews a token whose end nobody named', async () => {
    at.auth.behave.expiresIn = undefined
    let now = Date.now()
    const session = open({ now: () => now })
    const first = await tokenOf(await refused(session, undefined))
    now += 365 * 86_400_000
    expect(await session.token()).toBe(first)
  })
})
