import { describe, expect, it } from 'vitest'
import { openHost, request } from '../helpers/bridge.js'
import { fakeAuth } from '../helpers/fake-auth.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()

describe('a forged visit during a login', () => {
  it('neither ends it nor asks for a token', async () => {
    at.auth.behave.person = 'waits'
    const outcome = await at.challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    const page = new URL(outcome.url)
    const callback = page.searchParams.get('redirect_uri') ?? ''
    const state = page.searchParams.get('state') ?? ''
    for (const query of ['?error=access_denied', '?code=x', '?code=x&state=y', `?code=x&state=${state}`]) {
      expect((await fetch(callback + query)).status).toBe(400)
    }
    expect(at.auth.of('/auth/token')).toHaveLength(0)
    at.auth.behave.person = 'approves'
    await fetch(outcome.url)
    expect(at.auth.isGood(await outcome.done)).toBe(true)
  })

  it('with another issuer’s name is no answer', async () => {
    at.auth.behave.iss = 'wrong'
    const outcome = await at.challenge({ authTimeoutMs: 500 })
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow('Nobody signed in')
    expect(at.auth.of('/auth/token')).toHaveLength(0)
  })

  it('without the issuer’s name is no answer where the server always gives it', async () => {
    at.auth.behave.iss = 'missing'
    const outcome = await at.challenge({ authTimeoutMs: 500 })
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow('Nobody signed in')
  })
})

describe('the page at the end', () => {
  it('says that the person is signed in once there is a token', async () => {
    const outcome = await at.challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await outcome.done
    expect(await (await at.person.visits[0])?.text()).toContain('You are signed in')
  })

  it('says that the person is not when the code was refused', async () => {
    at.auth.behave.answers.set('/auth/token', { status: 400, body: '{"error":"invalid_grant"}' })
    const outcome = await at.challenge()
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    await expect(outcome.done).rejects.toThrow(
      'The authorization server refused the sign-in (invalid_grant).',
    )
    expect(await (await at.person.visits[0])?.text()).toContain('You are not signed in')
  })
})

it('a login does not fail over an ID token that nobody needs', async () => {
  at.auth.behave.idToken = 'not.a.token'
  const outcome = await at.challenge()
  if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
  expect(at.auth.isGood(await outcome.done)).toBe(true)
})

describe('a login on another device', () => {
  it('shows the address and the code, and waits', async () => {
    const outcome = await at.challenge({ device: true })
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    expect(outcome).toMatchObject({
      url: `${at.auth.issuer}/activate?user_code=WDJB-MJHT`,
      code: 'WDJB-MJHT',
    })
    expect(at.person.said.join('\n')).toContain('enter the code WDJB-MJHT')
    expect(at.auth.isGood(await outcome.done)).toBe(true)
    expect(at.auth.of('/auth/device')[0]?.form.get('resource')).toBe(at.auth.url.href)
    expect(at.person.tabs).toHaveLength(0)
  })

  it('is told to the waiting call with its address and its code', async () => {
    at.auth.behave.deviceApproved = false
    const session = at.open({ device: true })
    await session.challenged({ status: 401, wwwAuthenticate: undefined, token: undefined })
    const host = openHost({ url: at.auth.url, session, patienceMs: 500 })
    host.send(request('tools/call', { name: 'read' }, 1))
    host.send(request('resources/list', {}, 2))
    const { content, isError } = (await host.answer(1)).result
    expect(isError).toBe(true)
    expect(content[0].text).toContain(`${at.auth.issuer}/activate`)
    expect(content[0].text).toContain('enter the code WDJB-MJHT')
    const { message, data } = (await host.answer(2)).error
    expect(message).toBe(content[0].text)
    expect(data).toEqual({ url: `${at.auth.issuer}/activate?user_code=WDJB-MJHT`, code: 'WDJB-MJHT' })
    await host.end()
  })

  it('is told to a sibling with its code too', async () => {
    at.auth.behave.deviceApproved = false
    await at.challenge({ device: true })
    expect(await at.challenge({ device: true })).toMatchObject({ kind: 'sign-in', code: 'WDJB-MJHT' })
    expect(at.auth.of('/auth/device')).toHaveLength(1)
    expect(at.person.said.at(-1)).toMatch(/waits for the same sign-in.* enter the code WDJB-MJHT/)
  })

  it('ends in words when nobody comes', async () => {
    at.auth.behave.deviceApproved = false
    const outcome = await at.challenge({ device: true, authTimeoutMs: 300 })
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    await expect(outcome.done).rejects.toThrow('Nobody signed in')
  })

  it('is refused in words where the server does not offer it', async () => {
    at.auth.behave.metadata = { device_authorization_endpoint: undefined }
    expect(await at.challenge({ device: true })).toMatchObject({
      kind: 'failed',
      message: `${at.auth.issuer} offers no device login.`,
    })
  })
})

describe('the person’s own headers', () => {
  it('go to the server’s origin and nowhere else', async () => {
    const other = await fakeAuth()
    at.auth.behave.issuers = [other.issuer]
    const outcome = await at.challenge({ headers: { 'x-gate': 'open-sesame' } })
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    await outcome.done.catch(() => {})
    expect(at.auth.requests.every(({ headers }) => headers['x-gate'] === 'open-sesame')).toBe(true)
    expect(other.requests.length).toBeGreaterThan(2)
    expect(other.requests.some(({ headers }) => 'x-gate' in headers)).toBe(false)
    await other.close()
  })
})
