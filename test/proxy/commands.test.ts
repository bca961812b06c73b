import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loginCommand } from '../../src/proxy/commands/login.js'
import { logoutCommand } from '../../src/proxy/commands/logout.js'
import { statusCommand } from '../../src/proxy/commands/status.js'
import { openSession } from '../../src/proxy/session.js'
import { type FakeAuth, fakeAuth } from '../helpers/fake-auth.js'
import { type Desk, desk } from '../helpers/proxy-login.js'

let auth: FakeAuth
let person: Desk

beforeEach(async () => {
  auth = await fakeAuth()
  person = await desk(auth)
})
afterEach(async () => {
  await auth.close()
  await person.clean()
})

const refreshTokens = () =>
  auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')

describe('login', () => {
  it('signs in ahead and says as whom', async () => {
    const { lines, data } = await loginCommand(person.options)
    expect(lines).toEqual([`Signed in to ${auth.url.href} as person-1, renewed as needed.`])
    expect(data).toEqual({ url: auth.url.href, login: 'new' })
    const session = openSession(person.options)
    expect(auth.isGood((await session.token()) ?? '')).toBe(true)
    await session.close()
  })

  it('leaves a login that works as it is', async () => {
    await loginCommand(person.options)
    expect((await loginCommand(person.options)).data.login).toBe('kept')
    expect(person.tabs).toHaveLength(1)
  })

  it('renews a login that only its token has ended', async () => {
    await loginCommand(person.options)
    auth.expireAccess()
    expect((await loginCommand(person.options)).data.login).toBe('kept')
    expect(person.tabs).toHaveLength(1)
    expect(refreshTokens()).toHaveLength(1)
  })

  it('signs in anew where the login has ended', async () => {
    await loginCommand(person.options)
    auth.revokeAll()
    expect((await loginCommand(person.options)).data.login).toBe('new')
    expect(person.tabs).toHaveLength(2)
  })

  it('signs in for more scopes when they are asked for', async () => {
    await loginCommand(person.options)
    await loginCommand({ ...person.options, scope: 'tasks:read tasks:write' })
    expect(auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read tasks:write')
  })

  it('signs in where the server lists its tools for everybody and protects its calls', async () => {
    auth.behave.answers.set('/api/mcp', {
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}',
    })
    expect((await loginCommand(person.options)).data.login).toBe('new')
  })

  it('says when the server needs none', async () => {
    auth.behave.resource = null
    auth.behave.answers.set('/api/mcp', {
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}',
    })
    expect((await loginCommand(person.options)).data.login).toBe('not needed')
    expect(person.tabs).toHaveLength(0)
  })

  it('takes the address that the person pastes, and nothing forged', async () => {
    const lines: string[] = []
    const paste = async (): Promise<string | undefined> => {
      if (lines.length > 0) return lines.shift()
      const page = person.said.map((line) => /https?:\S+/.exec(line)?.[0]).find((found) => found)
      const response = await fetch(page ?? '', { redirect: 'manual' })
      const genuine = response.headers.get('location') ?? ''
      const forged = new URL(genuine)
      forged.searchParams.set('state', 'forged')
      lines.push('not an address', forged.href, `${genuine}\n`)
      return ''
    }
    const { data } = await loginCommand({ ...person.options, browser: false, paste })
    expect(data.login).toBe('new')
    expect(person.said.filter((line) => line.startsWith('That is not the answer'))).toHaveLength(2)
    expect(auth.of('/auth/token')).toHaveLength(1)
  })

  it('brings what is pasted to the process that waits for the same sign-in', async () => {
    auth.behave.person = 'waits'
    const session = openSession(person.options)
    const refusal = { status: 401 as const, wwwAuthenticate: undefined, token: undefined }
    const outcome = await session.challenged(refusal)
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    auth.behave.person = 'approves'
    let pasted = false
    const paste = async (): Promise<string | undefined> => {
      if (pasted) return undefined
      pasted = true
      const response = await fetch(outcome.url, { redirect: 'manual' })
      return response.headers.get('location') ?? ''
    }
    const said: string[] = []
    const { data } = await loginCommand({ ...person.options, paste, say: (line) => said.push(line) })
    expect(data.login).toBe('new')
    expect(said.join()).toContain(outcome.url)
    expect(auth.isGood(await outcome.done)).toBe(true)
    expect(auth.of('/auth/token')).toHaveLength(1)
    await session.close()
  })

  it('can be interrupted', async () => {
    auth.behave.person = 'waits'
    const controller = new AbortController()
    const login = loginCommand({ ...person.options, signal: controller.signal })
    login.catch(() => {})
    while (person.tabs.length === 0) await new Promise((resume) => setTimeout(resume, 10))
    controller.abort()
    await expect(login).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})

describe('logout', () => {
  it('removes the login and has the server end it', async () => {
    await loginCommand(person.options)
    const { lines, data } = await logoutCommand(person.options)
    expect(lines).toEqual([`Signed out of ${auth.url.href}.`])
    expect(data).toEqual({ url: auth.url.href, loggedOut: true, revoked: true })
    expect(auth.of('/auth/revoke').map(({ form }) => form.get('token_type_hint'))).toEqual([
      'refresh_token',
      'access_token',
    ])
    const session = openSession(person.options)
    expect(await session.token()).toBeUndefined()
    await session.close()
  })

  it('removes the login even where the server cannot be told, and says so', async () => {
    await loginCommand(person.options)
    auth.behave.answers.set('/auth/revoke', { status: 503 })
    const { lines, data } = await logoutCommand(person.options)
    expect(data).toMatchObject({ loggedOut: true, revoked: false })
    expect(lines[1]).toContain('could not be told')
    expect((await statusCommand(person.options)).data).toEqual([])
  })

  it('says when there is no login', async () => {
    expect((await logoutCommand(person.options)).lines).toEqual([`Not signed in to ${auth.url.href}.`])
  })

  it('keeps the client’s registration', async () => {
    await loginCommand(person.options)
    await logoutCommand(person.options)
    await loginCommand(person.options)
    expect(auth.of('/auth/register')).toHaveLength(1)
  })
})

describe('status', () => {
  it('says who, where and until when', async () => {
    await loginCommand(person.options)
    const { data, lines } = await statusCommand(person.options)
    expect(data).toEqual([
      {
        url: auth.url.href,
        profile: 'default',
        subject: 'person-1',
        issuer: auth.issuer,
        clientId: expect.stringMatching(/^client-/),
        scopes: ['tasks:read'],
        state: 'signed in',
        expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
        store: 'file',
      },
    ])
    expect(lines[0]).toContain(`${auth.url.href}: signed in as person-1`)
  })

  it('shows nothing secret', async () => {
    await loginCommand(person.options)
    const session = openSession(person.options)
    const token = await session.token()
    const text = JSON.stringify(await statusCommand(person.options))
    expect(text).not.toContain(token)
    expect(text).not.toContain('refresh')
    await session.close()
  })

  it('lists every profile', async () => {
    await loginCommand(person.options)
    await loginCommand({ ...person.options, profile: 'work' })
    const { data } = await statusCommand(person.options)
    expect(data.map(({ profile }) => profile).sort()).toEqual(['default', 'work'])
  })

  it('tells a login that will be renewed from one that has ended', async () => {
    await loginCommand(person.options)
    const later = { ...person.options, now: () => Date.now() + 3_600_000 }
    expect((await statusCommand(later)).data[0]?.state).toBe('renews at the next call')
    auth.behave.issuesRefreshToken = false
    await logoutCommand(person.options)
    await loginCommand(person.options)
    expect((await statusCommand(later)).data[0]?.state).toBe('expired')
  })

  it('says how to sign in where nobody is', async () => {
    expect((await statusCommand(person.options)).lines).toEqual([
      'No logins are kept. To sign in: zuko-mcp proxy login [url]',
    ])
  })
})
