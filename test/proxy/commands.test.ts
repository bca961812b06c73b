import { describe, expect, it } from 'vitest'
import { loginCommand } from '../../src/proxy/commands/login.js'
import { logoutCommand } from '../../src/proxy/commands/logout.js'
import { statusCommand } from '../../src/proxy/commands/status.js'
import { openSession } from '../../src/proxy/session.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()

const refreshTokens = () =>
  at.auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')

describe('login', () => {
  it('signs in ahead and says as whom', async () => {
    const { lines, data } = await loginCommand(at.person.options)
    expect(lines).toEqual([`Signed in to ${at.auth.url.href} as person-1, renewed as needed.`])
    expect(data).toEqual({ url: at.auth.url.href, login: 'new' })
    const session = openSession(at.person.options)
    expect(at.auth.isGood((await session.token()) ?? '')).toBe(true)
    await session.close()
  })

  it('leaves a login that works as it is', async () => {
    await loginCommand(at.person.options)
    expect((await loginCommand(at.person.options)).data.login).toBe('kept')
    expect(at.person.tabs).toHaveLength(1)
  })

  it('renews a login that only its token has ended', async () => {
    await loginCommand(at.person.options)
    at.auth.expireAccess()
    expect((await loginCommand(at.person.options)).data.login).toBe('kept')
    expect(at.person.tabs).toHaveLength(1)
    expect(refreshTokens()).toHaveLength(1)
  })

  it('signs in anew where the login has ended', async () => {
    await loginCommand(at.person.options)
    at.auth.revokeAll()
    expect((await loginCommand(at.person.options)).data.login).toBe('new')
    expect(at.person.tabs).toHaveLength(2)
  })

  it('signs in for more scopes when they are asked for', async () => {
    await loginCommand(at.person.options)
    await loginCommand({ ...at.person.options, scope: 'tasks:read tasks:write' })
    expect(at.auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read tasks:write')
  })

  it('signs in where the server lists its tools for everybody and protects its calls', async () => {
    at.auth.behave.answers.set('/api/mcp', {
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}',
    })
    expect((await loginCommand(at.person.options)).data.login).toBe('new')
  })

  it('says when the server needs none', async () => {
    at.auth.behave.resource = null
    at.auth.behave.answers.set('/api/mcp', {
      status: 200,
      body: '{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}',
    })
    expect((await loginCommand(at.person.options)).data.login).toBe('not needed')
    expect(at.person.tabs).toHaveLength(0)
  })

  it('takes the address that the person pastes, and nothing forged', async () => {
    const lines: string[] = []
    const paste = async (): Promise<string | undefined> => {
      if (lines.length > 0) return lines.shift()
      const page = at.person.said.map((line) => /https?:\S+/.exec(line)?.[0]).find((found) => found)
      const response = await fetch(page ?? '', { redirect: 'manual' })
      const genuine = response.headers.get('location') ?? ''
      const forged = new URL(genuine)
      forged.searchParams.set('state', 'forged')
      lines.push('not an address', forged.href, `${genuine}\n`)
      return ''
    }
    const { data } = await loginCommand({ ...at.person.options, browser: false, paste })
    expect(data.login).toBe('new')
    expect(at.person.said.filter((line) => line.startsWith('That is not the answer'))).toHaveLength(2)
    expect(at.auth.of('/auth/token')).toHaveLength(1)
  })

  it('brings what is pasted to the process that waits for the same sign-in', async () => {
    at.auth.behave.person = 'waits'
    const session = openSession(at.person.options)
    const refusal = { status: 401 as const, wwwAuthenticate: undefined, token: undefined }
    const outcome = await session.challenged(refusal)
    if (outcome.kind !== 'sign-in') throw new Error('The person is asked.')
    at.auth.behave.person = 'approves'
    let pasted = false
    const paste = async (): Promise<string | undefined> => {
      if (pasted) return undefined
      pasted = true
      const response = await fetch(outcome.url, { redirect: 'manual' })
      return response.headers.get('location') ?? ''
    }
    const said: string[] = []
    const { data } = await loginCommand({ ...at.person.options, paste, say: (line) => said.push(line) })
    expect(data.login).toBe('new')
    expect(said.join()).toContain(outcome.url)
    expect(at.auth.isGood(await outcome.done)).toBe(true)
    expect(at.auth.of('/auth/token')).toHaveLength(1)
    await session.close()
  })

  it('can be interrupted', async () => {
    at.auth.behave.person = 'waits'
    const controller = new AbortController()
    const login = loginCommand({ ...at.person.options, signal: controller.signal })
    login.catch(() => {})
    while (at.person.tabs.length === 0) await new Promise((resume) => setTimeout(resume, 10))
    controller.abort()
    await expect(login).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
})

describe('logout', () => {
  it('removes the login and has the server end it', async () => {
    await loginCommand(at.person.options)
    const { lines, data } = await logoutCommand(at.person.options)
    expect(lines).toEqual([`Signed out of ${at.auth.url.href}.`])
    expect(data).toEqual({ url: at.auth.url.href, loggedOut: true, revoked: true })
    expect(at.auth.of('/auth/revoke').map(({ form }) => form.get('token_type_hint'))).toEqual([
      'refresh_token',
      'access_token',
    ])
    const session = openSession(at.person.options)
    expect(await session.token()).toBeUndefined()
    await session.close()
  })

  it('removes the login even where the server cannot be told, and says so', async () => {
    await loginCommand(at.person.options)
    at.auth.behave.answers.set('/auth/revoke', { status: 503 })
    const { lines, data } = await logoutCommand(at.person.options)
    expect(data).toMatchObject({ loggedOut: true, revoked: false })
    expect(lines[1]).toContain('could not be told')
    expect((await statusCommand(at.person.options)).data).toEqual([])
  })

  it('says when there is no login', async () => {
    expect((await logoutCommand(at.person.options)).lines).toEqual([`Not signed in to ${at.auth.url.href}.`])
  })

  it('keeps the client’s registration', async () => {
    await loginCommand(at.person.options)
    await logoutCommand(at.person.options)
    await loginCommand(at.person.options)
    expect(at.auth.of('/auth/register')).toHaveLength(1)
  })
})

describe('status', () => {
  it('says who, where and until when', async () => {
    await loginCommand(at.person.options)
    const { data, lines } = await statusCommand(at.person.options)
    expect(data).toEqual([
      {
        url: at.auth.url.href,
        profile: 'default',
        subject: 'person-1',
        issuer: at.auth.issuer,
        clientId: expect.stringMatching(/^client-/),
        scopes: ['tasks:read'],
        state: 'signed in',
        expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
        store: 'file',
      },
    ])
    expect(lines[0]).toContain(`${at.auth.url.href}: signed in as person-1`)
  })

  it('shows nothing secret', async () => {
    await loginCommand(at.person.options)
    const session = openSession(at.person.options)
    const token = await session.token()
    const text = JSON.stringify(await statusCommand(at.person.options))
    expect(text).not.toContain(token)
    expect(text).not.toContain('refresh')
    await session.close()
  })

  it('lists every profile', async () => {
    await loginCommand(at.person.options)
    await loginCommand({ ...at.person.options, profile: 'work' })
    const { data } = await statusCommand(at.person.options)
    expect(data.map(({ profile }) => profile).sort()).toEqual(['default', 'work'])
  })

  it('tells a login that will be renewed from one that has ended', async () => {
    await loginCommand(at.person.options)
    const later = { ...at.person.options, now: () => Date.now() + 3_600_000 }
    expect((await statusCommand(later)).data[0]?.state).toBe('renews at the next call')
    at.auth.behave.issuesRefreshToken = false
    await logoutCommand(at.person.options)
    await loginCommand(at.person.options)
    expect((await statusCommand(later)).data[0]?.state).toBe('expired')
  })

  it('says how to sign in where nobody is', async () => {
    expect((await statusCommand(at.person.options)).lines).toEqual([
      'No logins are kept. To sign in: zuko-mcp proxy login [url]',
    ])
  })
})
