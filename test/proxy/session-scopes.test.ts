import { describe, expect, it } from 'vitest'
import { rig } from '../helpers/proxy-session.js'

const at = rig()
const { open, call, refused, tokenOf } = at

describe('a missing scope', () => {
  it('asks for what was granted and what is missing, together', async () => {
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    expect(at.auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read')
    const second = await tokenOf(await refused(session, first, 'write'))
    expect(at.auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read tasks:write')
    expect(await call(second, 'write')).toMatchObject({ status: 200 })
    expect(at.person.tabs).toHaveLength(2)
  })

  it('is not asked for again once the person has left it out', async () => {
    at.auth.behave.grants = ['tasks:read']
    const session = open()
    const first = await tokenOf(await refused(session, undefined))
    const outcome = await refused(session, first, 'write')
    await expect(tokenOf(outcome)).rejects.toThrow(
      'The sign-in did not grant what this call needs: tasks:write.',
    )
    const again = await refused(session, await session.token(), 'write')
    expect(again).toMatchObject({ kind: 'failed', fix: expect.stringContaining('zuko-mcp proxy login') })
    expect(at.person.tabs).toHaveLength(2)
  })

  it('leaves the narrower login in use', async () => {
    at.auth.behave.grants = ['tasks:read']
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
    at.auth.revokeAll()
    await tokenOf(await refused(session, second))
    expect(at.auth.of('/auth/authorize').at(-1)?.query.get('scope')).toBe('tasks:read tasks:write')
  })
})

describe('the scope of a first login', () => {
  const asked = () => at.auth.of('/auth/authorize').at(-1)?.query.get('scope')

  it('is the challenge’s', async () => {
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBe('tasks:read')
  })

  it('is the resource’s where the challenge names none', async () => {
    at.auth.behave.challengeScope = undefined
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBe('tasks:read tasks:write')
  })

  it('is left out where nobody names one', async () => {
    at.auth.behave.challengeScope = undefined
    at.auth.behave.scopesSupported = undefined
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBeNull()
  })

  it('is the person’s where they name one', async () => {
    await tokenOf(await refused(open({ scope: 'tasks:write' }), undefined))
    expect(asked()).toBe('tasks:write')
  })

  it('asks for offline access, with consent, where the server knows it', async () => {
    at.auth.behave.metadata = { scopes_supported: ['tasks:read', 'offline_access'] }
    await tokenOf(await refused(open(), undefined))
    expect(asked()).toBe('tasks:read offline_access')
    expect(at.auth.of('/auth/authorize').at(-1)?.query.get('prompt')).toBe('consent')
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
    expect(at.person.tabs).toHaveLength(0)
  })

  it('may come as a header', async () => {
    const session = open({ headers: { Authorization: 'Bearer own' } })
    expect(await session.token()).toBeUndefined()
    expect(await refused(session, undefined)).toMatchObject({ kind: 'failed' })
    expect(at.person.tabs).toHaveLength(0)
  })
})
