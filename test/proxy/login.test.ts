import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, ProxyOptions, Session } from '../../src/proxy/types.js'
import { openHost, request } from '../helpers/bridge.js'
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

function open(more: Partial<ProxyOptions>): Session {
  const session = openSession({ ...person.options, ...more })
  sessions.push(session)
  return session
}

const challenge = (more: Partial<ProxyOptions> = {}, session = open(more)): Promise<Outcome> =>
  session.challenged({ status: 401, wwwAuthenticate: undefined, token: undefined })

describe('a forged visit during a login', () => {
  it('neither ends it nor asks for a token', async () => {
    auth.behave.person = 'waits'
    const outcome = await challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    const page = new URL(outcome.url)
    const callback = page.searchParams.get('redirect_uri') ?? ''
    const state = page.searchParams.get('state') ?? ''
    for (const query of ['?error=access_denied', '?code=x', '?code=x&state=y', `?code=x&state=${state}`]) {
      expect((await fetch(callback + query)).status).toBe(400)
    }
    expect(auth.of('/auth/token')).toHaveLength(0)
    auth.behave.person = 'approves'
    await fetch(outcome.url)
    expect(auth.isGood(await outcome.done)).toBe(true)
  })

  it('with another issuer’s name is no answer', async () => {
    auth.behave.iss = 'wrong'
    const outcome = await challenge({ authTimeoutMs: 500 })
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow('Nobody signed in')
    expect(auth.of('/auth/token')).toHaveLength(0)
  })

  it('without the issuer’s name is no answer where the server always gives it', async () => {
    auth.behave.iss = 'missing'
    const outcome = await challenge({ authTimeoutMs: 500 })
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow('Nobody signed in')
  })
})

describe('the page at the end', () => {
  it('says that the person is signed in once there is a token', async () => {
    const outcome = await challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await outcome.done
    expect(await (await person.visits[0])?.text()).toContain('You are signed in')
  })

  it('says that the person is not when the code was refused', async () => {
    auth.behave.answers.set('/auth/token', { status: 400, body: '{"error":"invalid_grant"}' })
    const outcome = await challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow(
      'The authorization server refused the sign-in (invalid_grant).',
    )
    expect(await (await person.visits[0])?.text()).toContain('You are not signed in')
  })
})

it('a login does not fail over an ID token that nobody needs', async () => {
  auth.behave.idToken = 'not.a.token'
  const outcome = await challenge()
  if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
  expect(auth.isGood(await outcome.done)).toBe(true)
})

describe('a login on another device', () => {
  it('shows the address and the code, and waits', async () => {
    const outcome = await challenge({ device: true })
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    expect(outcome).toMatchObject({ url: `${auth.issuer}/activate?user_code=WDJB-MJHT`, code: 'WDJB-MJHT' })
    expect(person.said.join('\n')).toContain('enter the code WDJB-MJHT')
    expect(auth.isGood(await outcome.done)).toBe(true)
    expect(auth.of('/auth/device')[0]?.form.get('resource')).toBe(auth.url.href)
    expect(person.tabs).toHaveLength(0)
  })

  it('is told to the waiting call with its address and its code', async () => {
    auth.behave.deviceApproved = false
    const session = open({ device: true })
    await challenge({}, session)
    const host = openHost({ url: auth.url, session, patienceMs: 500 })
    host.send(request('tools/call', { name: 'read' }, 1))
    host.send(request('resources/list', {}, 2))
    const { content, isError } = (await host.answer(1)).result
    expect(isError).toBe(true)
    expect(content[0].text).toContain(`${auth.issuer}/activate`)
    expect(content[0].text).toContain('enter the code WDJB-MJHT')
    const { message, data } = (await host.answer(2)).error
    expect(message).toBe(content[0].text)
    expect(data).toEqual({ url: `${auth.issuer}/activate?user_code=WDJB-MJHT`, code: 'WDJB-MJHT' })
    await host.end()
  })

  it('is told to a sibling with its code too', async () => {
    auth.behave.deviceApproved = false
    await challenge({ device: true })
    expect(await challenge({ device: true })).toMatchObject({ kind: 'sign-in', code: 'WDJB-MJHT' })
    expect(auth.of('/auth/device')).toHaveLength(1)
    expect(person.said.at(-1)).toMatch(/waits for the same sign-in.* enter the code WDJB-MJHT/)
  })

  it('ends in words when nobody comes', async () => {
    auth.behave.deviceApproved = false
    const outcome = await challenge({ device: true, authTimeoutMs: 300 })
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    await expect(outcome.done).rejects.toThrow('Nobody signed in')
  })

  it('is refused in words where the server does not offer it', async () => {
    auth.behave.metadata = { device_authorization_endpoint: undefined }
    expect(await challenge({ device: true })).toMatchObject({
      kind: 'failed',
      message: `${auth.issuer} offers no device login.`,
    })
  })
})

describe('the person’s own headers', () => {
  it('go to the server’s origin and nowhere else', async () => {
    const other = await fakeAuth()
    auth.behave.issuers = [other.issuer]
    await person.clean()
    person = await desk(auth, { headers: { 'x-gate': 'open-sesame' } })
    const outcome = await challenge()
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    await outcome.done.catch(() => {})
    expect(auth.requests.every(({ headers }) => headers['x-gate'] === 'open-sesame')).toBe(true)
    expect(other.requests.length).toBeGreaterThan(2)
    expect(other.requests.some(({ headers }) => 'x-gate' in headers)).toBe(false)
    await other.close()
  })
})
