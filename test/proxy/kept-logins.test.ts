/** What the cache of logins tells apart, and what it says of them. */
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  adoptable,
  type Credential,
  covers,
  isAlive,
  isFresh,
  openTokenCache,
  type PendingLogin,
  type Registration,
  renewalDue,
  scopes,
  type TokenCache,
  type TokenCacheOptions,
} from '../../src/proxy/token-cache.js'

let directory: string
beforeEach(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'zuko-kept-')), 'logins')
})
afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }))

const open = (more: Partial<TokenCacheOptions> = {}): TokenCache =>
  openTokenCache({
    url: new URL('https://crm.example/api/mcp'),
    profile: 'default',
    directory,
    store: 'file',
    say: () => {},
    ...more,
  })

const credential = (more: Partial<Credential> = {}): Credential => ({
  loginId: 'login',
  url: 'https://crm.example/api/mcp',
  profile: 'default',
  resource: 'https://crm.example/api/mcp',
  issuer: 'https://crm.example/auth',
  clientId: 'client',
  scope: 'tasks:read',
  tokenEndpoint: 'https://crm.example/auth/token',
  accessToken: 'secret-access',
  obtainedAt: 0,
  expiresAt: 600_000,
  ...more,
})

const registration = (more: Partial<Registration> = {}): Registration => ({
  issuer: 'https://crm.example/auth',
  clientId: 'client',
  authMethod: 'none',
  redirectUri: 'http://127.0.0.1:1/callback',
  ...more,
})

const pending: PendingLogin = {
  ...{ authorizationUrl: 'https://crm.example/auth/authorize', state: 's', verifier: 'v', until: 1 },
  ...{ issuer: 'https://crm.example/auth', clientId: 'client', redirectUri: 'http://127.0.0.1:1/callback' },
  ...{ resource: 'https://crm.example/api/mcp', shown: false },
}

describe('a login', () => {
  const others: [string, Partial<TokenCacheOptions>][] = [
    ['address', { url: new URL('https://crm.example/api/other') }],
    ['profile', { profile: 'work' }],
    ['client', { clientId: 'given' }],
    ['resource', { resource: 'https://crm.example/' }],
  ]
  it.each(others)('is another one for another %s', async (_name, more) => {
    await open().save(credential(), 'login')
    const other = open(more)
    expect(await other.known()).toBeUndefined()
    expect(await other.credential()).toBeUndefined()
    expect(other.name).not.toBe(open().name)
    expect(other.name).toMatch(/^[0-9a-f]{12}$/)
  })

  it('has the same name in every process', () => {
    expect(open().name).toBe(open().name)
  })

  it('is known by where it leads, without its tokens', async () => {
    await open().save(credential({ refreshToken: 'r' }), 'login')
    const { url, profile, resource, issuer, clientId, scope } = credential()
    expect(await open().known()).toEqual({ url, profile, resource, issuer, clientId, scope })
  })

  it('that was only renewed is not brought back after a logout', async () => {
    await open().save(credential(), 'renewal')
    expect(await open().known()).toBeUndefined()
    expect(await open().credential()).toBeUndefined()
  })

  const foreign: [string, Partial<Credential>][] = [
    ['issuer', { issuer: 'https://evil.example' }],
    ['resource', { resource: 'https://evil.example' }],
    ['client', { clientId: 'other' }],
    ['profile', { profile: 'other' }],
  ]
  it.each(foreign)('is not mixed with the tokens of another %s', async (_name, more) => {
    await open().save(credential(), 'login')
    await open().save(credential({ accessToken: 'foreign', ...more }), 'renewal')
    expect((await open().credential())?.accessToken).toBe('secret-access')
  })

  it('that lies under the key of another issuer counts as none', async () => {
    await open().save(credential(), 'login')
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.token.json'))
    const moved = JSON.stringify(credential({ issuer: 'https://evil.example' }))
    await writeFile(join(directory, name), moved)
    expect(await open().credential()).toBeUndefined()
  })

  it('without an access token counts as none', async () => {
    await open().save(credential(), 'login')
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.token.json'))
    await writeFile(join(directory, name), JSON.stringify({ ...credential(), accessToken: 1 }))
    expect(await open().credential()).toBeUndefined()
  })
})

describe('what is kept of a client', () => {
  it('is found by issuer and profile', async () => {
    await open().saveRegistration(registration())
    const { issuer } = registration()
    expect(await open().registration(issuer)).toEqual(registration())
    expect(await open({ url: new URL('https://other.example') }).registration(issuer)).toBeDefined()
    expect(await open().registration('https://evil.example')).toBeUndefined()
    expect(await open({ profile: 'work' }).registration(issuer)).toBeUndefined()
  })

  it('stays after a logout, and goes when it is forgotten', async () => {
    const cache = open()
    await cache.saveRegistration(registration())
    await cache.save(credential(), 'login')
    await cache.forget()
    expect(await cache.registration(registration().issuer)).toBeDefined()
    await cache.forgetRegistration(registration().issuer)
    expect(await cache.registration(registration().issuer)).toBeUndefined()
  })
})

describe('a sign-in that is under way', () => {
  it('is found by the next process, and gone once it is over', async () => {
    await open().savePending(pending)
    expect(await open().pending()).toEqual(pending)
    expect(await open({ profile: 'work' }).pending()).toBeUndefined()
    await open().savePending(undefined)
    expect(await open().pending()).toBeUndefined()
  })

  it('goes with a logout', async () => {
    await open().savePending(pending)
    await open().forget()
    expect(await open().pending()).toBeUndefined()
  })
})

describe('the list', () => {
  it('has every login of the directory, and nothing that is none', async () => {
    await open().save(credential(), 'login')
    const work = { url: 'https://b.example/', profile: 'work', accessToken: 'b' }
    await open({ url: new URL(work.url), profile: 'work' }).save(credential(work), 'login')
    await open({ url: new URL('https://gone.example/') }).save(credential({ clientId: 'x' }), 'renewal')
    await open().saveRegistration(registration())
    await open().savePending(pending)
    const listed = await open().list()
    expect(listed.map(({ accessToken }) => accessToken).sort()).toEqual(['b', 'secret-access'])
  })

  it('leaves out a login whose tokens are gone', async () => {
    await open().save(credential(), 'login')
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.token.json'))
    await rm(join(directory, name))
    expect(await open().list()).toEqual([])
  })
})

describe('whether what was found is still what is kept', () => {
  it('is not said before anything was found', async () => {
    const cache = open()
    expect(cache.isCurrent()).toBe(false)
    await cache.credential()
    expect(cache.isCurrent()).toBe(false)
  })

  it('holds until another process renews it, or signs out', async () => {
    const cache = open()
    await cache.save(credential(), 'login')
    await cache.credential()
    expect(cache.isCurrent()).toBe(true)
    await open().save(credential({ accessToken: 'renewed' }), 'renewal')
    expect(cache.isCurrent()).toBe(false)
    await cache.credential()
    expect(cache.isCurrent()).toBe(true)
    await open().forget()
    expect(cache.isCurrent()).toBe(false)
  })

  it('ends when the file was touched', async () => {
    const cache = open()
    await cache.save(credential(), 'login')
    await cache.credential()
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.token.json'))
    await utimes(join(directory, name), 1, 1)
    expect(cache.isCurrent()).toBe(false)
  })

  it('is not said of a login whose file is not there, then or later', async () => {
    const cache = open()
    await cache.save(credential(), 'login')
    const [name = ''] = (await readdir(directory)).filter((file) => file.endsWith('.token.json'))
    await rm(join(directory, name))
    await cache.credential()
    expect(cache.isCurrent()).toBe(false)
  })
})

describe('a watcher', () => {
  it('hears of a login of this name, whoever brought it', async () => {
    const cache = open()
    const heard = new Promise<void>((resolve) => void cache.watch(resolve))
    await cache.known()
    await open().save(credential(), 'login')
    await heard
  })

  it('hears nothing of a renewal, of another login, or after it stopped', async () => {
    const cache = open()
    let calls = 0
    const stop = await cache.watch(() => {
      calls += 1
    })
    const last = new Promise<void>((resolve) => void open({ profile: 'last' }).watch(resolve))
    await open().save(credential(), 'renewal')
    await open({ profile: 'work' }).save(credential({ profile: 'work' }), 'login')
    stop()
    await open().save(credential(), 'login')
    await open({ profile: 'last' }).save(credential({ profile: 'last' }), 'login')
    await last
    expect(calls).toBe(0)
  })

  it('is no hindrance where nothing can be watched', async () => {
    await writeFile(join(directory, '..', 'file'), '')
    const stop = await open({ directory: join(directory, '..', 'file', 'logins') }).watch(() => {})
    expect(stop()).toBeUndefined()
  })
})

it('says how logins are kept', async () => {
  await open().save(credential(), 'login')
  expect(await open().kind()).toBe('file')
})

describe('the times of a token', () => {
  it.each([
    ['a minute before the end of a long life', { obtainedAt: 0, expiresAt: 600_000 }, 540_000],
    ['a fifth before the end of a short one', { obtainedAt: 5_000, expiresAt: 15_000 }, 13_000],
    ['at the end, where the clock went back', { obtainedAt: 20_000, expiresAt: 10_000 }, 10_000],
    ['never, where nobody named an end', { expiresAt: undefined }, undefined],
  ])('it is renewed %s', (_name, times, due) => {
    expect(renewalDue(credential(times))).toBe(due)
  })

  it('it is alive until its end', () => {
    expect(isAlive(credential(), 599_999)).toBe(true)
    expect(isAlive(credential(), 600_000)).toBe(false)
    expect(isAlive(credential({ expiresAt: undefined }), Number.MAX_SAFE_INTEGER)).toBe(true)
  })

  it('it is fresh until it is due', () => {
    expect(isFresh(credential(), 539_999)).toBe(true)
    expect(isFresh(credential(), 540_000)).toBe(false)
  })
})

describe('what a sibling brought is adopted', () => {
  const kept = (more: Partial<Credential> = {}) => ({ credential: async () => credential(more) })
  const need = { refused: undefined, scope: undefined }

  it('when it is alive and enough', async () => {
    expect(await adoptable(kept(), need, 0)).toEqual(credential())
    const granted = { grantedScope: 'tasks:read tasks:write' }
    expect(await adoptable(kept(granted), { ...need, scope: 'tasks:write' }, 0)).toBeDefined()
  })

  it.each([
    ['none', { credential: async () => undefined }, need, 0],
    ['it was refused', kept(), { ...need, refused: 'secret-access' }, 0],
    ['it has ended', kept(), need, 600_000],
    ['a scope is missing', kept({ grantedScope: 'tasks:read' }), { ...need, scope: 'tasks:write' }, 0],
  ])('but not when %s', async (_name, cache, needed, now) => {
    expect(await adoptable(cache, needed, now)).toBeUndefined()
  })
})

describe('scopes', () => {
  it('are words', () => {
    expect(scopes(' a  b ')).toEqual(['a', 'b'])
    expect(scopes(undefined)).toEqual([])
  })

  it('that were granted cover none, some and all of themselves', () => {
    const granted = credential({ grantedScope: 'a b' })
    for (const wanted of [undefined, '', 'a', 'b a']) expect(covers(granted, wanted)).toBe(true)
    expect(covers(granted, 'b c')).toBe(false)
    expect(covers(credential({ grantedScope: '' }), 'a')).toBe(false)
  })
})
