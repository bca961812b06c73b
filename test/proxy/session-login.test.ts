import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/proxy/types.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()
const { open, call, refused, tokenOf } = at

describe('a first login', () => {
  it('has no token and opens no browser before the server asks for one', async () => {
    expect(await open().token()).toBeUndefined()
    expect(at.auth.requests).toHaveLength(0)
    expect(at.person.tabs).toHaveLength(0)
  })

  it('brings a token that the server takes, after one tab and one registration', async () => {
    const session = open()
    const outcome = await refused(session, undefined)
    expect(outcome).toMatchObject({ kind: 'sign-in', url: at.person.tabs[0]?.href })
    const token = await tokenOf(outcome)
    expect(await call(token)).toMatchObject({ status: 200 })
    expect(await session.token()).toBe(token)
    expect(at.person.tabs).toHaveLength(1)
    expect(at.auth.of('/auth/register')).toHaveLength(1)
  })
})

describe('a login with a person', () => {
  it('sends PKCE S256, state and the resource, and the resource again for the token', async () => {
    await tokenOf(await refused(open(), undefined))
    const [authorize] = at.auth.of('/auth/authorize')
    expect(Object.fromEntries(authorize?.query ?? [])).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      resource: at.auth.url.href,
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    })
    const [token] = at.auth.of('/auth/token')
    expect(token?.form.get('resource')).toBe(at.auth.url.href)
    expect(token?.form.get('code_verifier')).toMatch(/^[\w-]{43}$/)
  })

  it('prints the address as well', async () => {
    await tokenOf(await refused(open(), undefined))
    expect(at.person.said.join('\n')).toContain(at.person.tabs[0]?.href)
  })

  it('opens nothing and prints the address when no browser is wanted', async () => {
    const outcome = await refused(open({ browser: false }), undefined)
    expect(at.person.tabs).toHaveLength(0)
    expect(at.person.said.join('\n')).toContain((outcome as { url: string }).url)
    expect(await call(await tokenOf(outcome))).toMatchObject({ status: 200 })
  })

  it('opens a tab for a sign-in that a process before could show nobody', async () => {
    const blind = open({ openBrowser: () => Promise.reject(new Error('no display')) })
    const first = (await refused(blind, undefined)) as { url: string }
    await blind.close()
    const second = await refused(open(), undefined)
    expect(second).toMatchObject({ kind: 'sign-in', url: first.url })
    expect(at.person.tabs.map(({ href }) => href)).toEqual([first.url])
    expect(await call(await tokenOf(second))).toMatchObject({ status: 200 })
  })

  it('shares one login among all calls of the process', async () => {
    const session = open()
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => refused(session, undefined)))
    const tokens = await Promise.all(outcomes.map(tokenOf))
    expect(new Set(tokens).size).toBe(1)
    expect(at.person.tabs).toHaveLength(1)
  })

  it('is remembered by the next process', async () => {
    const token = await tokenOf(await refused(open(), undefined))
    expect(await open().token()).toBe(token)
  })

  it('says where logins cannot be kept', async () => {
    const session = open({ directory: '/dev/null/logins' })
    expect(await session.token()).toBeUndefined()
    expect(await refused(session, undefined)).toMatchObject({
      kind: 'failed',
      message: 'Logins cannot be kept in /dev/null/logins (ENOTDIR).',
    })
    expect(at.person.tabs).toHaveLength(0)
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

  it('tells the listeners of a sibling whose own login had failed', async () => {
    at.auth.behave.person = 'denies'
    const sibling = open()
    await tokenOf(await refused(sibling, undefined)).catch(() => {})
    const told = new Promise<void>((resolve) => sibling.onLogin(resolve))
    at.auth.behave.person = 'approves'
    const token = await tokenOf(await refused(open(), undefined))
    await told
    expect(await sibling.token()).toBe(token)
  })

  it('ends in words when the person declines, and opens no second tab by itself', async () => {
    at.auth.behave.person = 'denies'
    const session = open()
    const first = await refused(session, undefined)
    await expect(tokenOf(first)).rejects.toThrow('The sign-in was declined.')
    const second = await refused(session, undefined)
    expect(second.kind).toBe('sign-in')
    expect(at.person.tabs).toHaveLength(1)
  })

  it('ends in words when nobody comes', async () => {
    at.auth.behave.person = 'waits'
    const outcome = await refused(open({ authTimeoutMs: 300 }), undefined)
    await expect(tokenOf(outcome)).rejects.toThrow('Nobody signed in within')
  })

  it('stops listening for the answer when the session closes', async () => {
    at.auth.behave.person = 'waits'
    const session = open()
    const outcome = await refused(session, undefined)
    const back = new URL((outcome as { url: string }).url).searchParams.get('redirect_uri') ?? ''
    await session.close()
    await expect(fetch(back)).rejects.toThrow()
  })

  it('is finished by whoever comes next, on the same page, when its process ends', async () => {
    at.auth.behave.person = 'waits'
    const first = open()
    const abandoned = (await refused(first, undefined)) as { url: string }
    await first.close()
    const outcome = (await refused(open(), undefined)) as Outcome & { url: string }
    expect(outcome.url).toBe(abandoned.url)
    expect(at.person.tabs).toHaveLength(1)
    at.auth.behave.person = 'approves'
    await fetch(abandoned.url)
    expect(await call(await tokenOf(outcome))).toMatchObject({ status: 200 })
    expect(at.auth.of('/auth/register')).toHaveLength(1)
  })
})
