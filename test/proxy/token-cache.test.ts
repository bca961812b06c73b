import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPrivateFile, writePrivateFile } from '../../src/proxy/private-file.js'
import {
  type Credential,
  covers,
  isFresh,
  openTokenCache,
  type TokenCache,
  type TokenCacheOptions,
  unionOfScopes,
} from '../../src/proxy/token-cache.js'

let root: string
let directory: string
let said: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'zuko-cache-'))
  directory = join(root, 'logins')
  said = []
})
afterEach(() => rm(root, { recursive: true, force: true }))

const open = (more: Partial<TokenCacheOptions> = {}): TokenCache =>
  openTokenCache({
    url: new URL('https://crm.example/api/mcp'),
    profile: 'default',
    directory,
    store: 'file',
    say: (line) => said.push(line),
    ...more,
  })

const credential = (more: Partial<Credential> = {}): Credential => ({
  loginId: 'login',
  url: 'https://crm.example/api/mcp',
  profile: 'default',
  resource: 'https://crm.example/api/mcp',
  issuer: 'https://crm.example/auth',
  clientId: 'client',
  tokenEndpoint: 'https://crm.example/auth/token',
  accessToken: 'secret-access',
  refreshToken: 'secret-refresh',
  obtainedAt: 1_000_000,
  expiresAt: 1_600_000,
  ...more,
})

const tokenFile = async (): Promise<string> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.token.json'))
  expect(names).toHaveLength(1)
  return join(directory, names[0] ?? '')
}

describe('what is kept', () => {
  it('is found again by address and profile', async () => {
    await open().save(credential(), 'login')
    expect(await open().credential()).toEqual(credential())
    expect(await open({ profile: 'work' }).credential()).toBeUndefined()
    expect(await open({ url: new URL('https://other.example/api/mcp') }).credential()).toBeUndefined()
  })

  it('is a file of its own for each issuer, so that another one finds nothing', async () => {
    await open().save(credential(), 'login')
    await open().save(credential({ issuer: 'https://evil.example', accessToken: 'other' }), 'login')
    const names = (await readdir(directory)).filter((name) => name.endsWith('.token.json'))
    expect(names).toHaveLength(2)
    expect(await open().credential()).toMatchObject({ issuer: 'https://evil.example', accessToken: 'other' })
  })

  it('is gone after forgetting', async () => {
    await open().save(credential(), 'login')
    await open().forget()
    expect(await open().credential()).toBeUndefined()
    expect((await readdir(directory)).filter((name) => !name.startsWith('store'))).toEqual([])
  })

  it('survives a torn file as if it were not there', async () => {
    await open().save(credential(), 'login')
    await writeFile(await tokenFile(), '{"accessTok')
    expect(await open().credential()).toBeUndefined()
  })

  it('is said once to lie unencrypted', async () => {
    await open({ store: undefined, keyring: async () => undefined }).save(credential(), 'login')
    await open({ store: undefined, keyring: async () => undefined }).save(credential(), 'renewal')
    expect(said).toEqual([`Logins are kept in ${directory}, unencrypted and readable by you only.`])
  })
})

describe('the files', () => {
  // A thread has no umask of its own.
  it.skipIf(!isMainThread)('can be entered and read by their owner only, whatever the umask', async () => {
    const before = process.umask(0)
    try {
      await open().save(credential(), 'login')
    } finally {
      process.umask(before)
    }
    expect((await lstat(directory)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(directory)) {
      expect((await lstat(join(directory, name))).mode & 0o777).toBe(0o600)
    }
  })

  it('are refused when others may read them', async () => {
    await open().save(credential(), 'login')
    await chmod(await tokenFile(), 0o644)
    await expect(open().credential()).rejects.toThrow('is open to other users (mode 644)')
  })

  it('are refused when they are symbolic links', async () => {
    await open().save(credential(), 'login')
    const path = await tokenFile()
    const elsewhere = join(root, 'victim')
    await writeFile(elsewhere, await readFile(path), { mode: 0o600 })
    await rm(path)
    await symlink(elsewhere, path)
    await expect(open().credential()).rejects.toThrow('is a symbolic link')
  })

  it('are replaced, never written through, where a link lies in the way', async () => {
    await mkdir(directory, { mode: 0o700 })
    const victim = join(root, 'victim')
    await writeFile(victim, 'precious', { mode: 0o600 })
    const [soft, hard] = [join(directory, 'soft'), join(directory, 'hard')]
    await symlink(victim, soft)
    await link(victim, hard)
    await writePrivateFile(soft, 'secret')
    await writePrivateFile(hard, 'secret')
    expect(await readFile(victim, 'utf8')).toBe('precious')
    expect(await readPrivateFile(soft)).toBe('secret')
  })

  it.skipIf(process.getuid?.() !== 0)('are refused when they belong to another user', async () => {
    const { chown } = await import('node:fs/promises')
    await open().save(credential(), 'login')
    await chown(await tokenFile(), 65534, 65534)
    await expect(open().credential()).rejects.toThrow('belongs to another user')
  })

  it('are refused in a directory that is a symbolic link', async () => {
    await mkdir(join(root, 'elsewhere'), { mode: 0o700 })
    await symlink(join(root, 'elsewhere'), directory)
    await expect(open().save(credential(), 'login')).rejects.toThrow('is not a directory of its own')
  })

  it('are refused in a directory that others may enter', async () => {
    await mkdir(directory)
    await chmod(directory, 0o750)
    await expect(open().save(credential(), 'login')).rejects.toThrow('is open to other users (mode 750)')
  })

  it('are cleared of what killed writers left long ago', async () => {
    await open().save(credential(), 'login')
    const [old, young] = [join(directory, 'a.json.1.new'), join(directory, 'a.json.2.new')]
    await writeFile(old, 'half')
    await writeFile(young, 'half')
    const { utimes } = await import('node:fs/promises')
    await utimes(old, 0, 0)
    await open().save(credential(), 'renewal')
    const names = await readdir(directory)
    expect(names).not.toContain('a.json.1.new')
    expect(names).toContain('a.json.2.new')
  })

  it('are whole at every moment for whoever reads while another writes', async () => {
    const path = join(directory, 'busy')
    await writePrivateFile(path, JSON.stringify({ round: -1 }))
    let done = false
    const writing = (async () => {
      for (let round = 0; round < 60; round++)
        await writePrivateFile(path, JSON.stringify({ round, fill: 'x'.repeat(9000) }))
      done = true
    })()
    while (!done) expect(JSON.parse((await readPrivateFile(path)) ?? '')).toHaveProperty('round')
    await writing
    expect(await readdir(directory)).toEqual(['busy'])
  })
})

describe('when to renew', () => {
  it.each([
    ['60 seconds before the end', 600, 539_999, true],
    ['from then on', 600, 540_000, false],
    ['a fifth before the end of a short life', 10, 7_999, true],
    ['from then on, too', 10, 8_000, false],
  ])('%s', (_name, life, age, fresh) => {
    const kept = credential({ obtainedAt: 0, expiresAt: life * 1000 })
    expect(isFresh(kept, age)).toBe(fresh)
  })

  it('never by the clock where nobody named an end', () => {
    expect(isFresh(credential({ expiresAt: undefined }), Number.MAX_SAFE_INTEGER)).toBe(true)
  })
})

describe('scopes', () => {
  it('join without repetition', () => {
    expect(unionOfScopes('a b', undefined, 'b c')).toBe('a b c')
    expect(unionOfScopes(undefined, '')).toBeUndefined()
  })

  it('are believed to be granted where the server did not name them', () => {
    expect(covers(credential({ grantedScope: undefined }), 'anything')).toBe(true)
    expect(covers(credential({ grantedScope: 'a b' }), 'a')).toBe(true)
    expect(covers(credential({ grantedScope: 'a b' }), 'a c')).toBe(false)
  })
})
