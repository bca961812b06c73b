import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Keyring, type KeyringModule, keyFor, openKeyring } from '../../src/proxy/keyring.js'
import { openVault, type Vault, type VaultOptions } from '../../src/proxy/vault.js'

let root: string
let directory: string
let said: string[]

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'zuko-keyring-'))
  directory = join(root, 'logins')
  said = []
})
afterEach(async () => {
  vi.useRealTimers()
  await rm(root, { recursive: true, force: true })
})

/** A keyring in memory that can be locked. */
function memoryKeyring(): Keyring & { secret: string | undefined; locked: boolean; asked: number } {
  const ring = {
    secret: undefined as string | undefined,
    locked: false,
    asked: 0,
    get: async () => {
      ring.asked += 1
      if (ring.locked) throw new Error('locked')
      return ring.secret
    },
    set: async (secret: string) => {
      if (ring.locked) throw new Error('locked')
      ring.secret = secret
    },
  }
  return ring
}

const open = (ring: Keyring | undefined, more: Partial<VaultOptions> = {}): Vault =>
  openVault({ directory, say: (line) => said.push(line), keyring: async () => ring, ...more })

const SECRET = { accessToken: 'very-secret-value' }

describe('with a keyring', () => {
  it('the file holds nothing that can be read without the key', async () => {
    await open(memoryKeyring()).write('a.json', SECRET)
    const text = await readFile(join(directory, 'a.json'), 'utf8')
    expect(text).not.toContain('very-secret-value')
    expect(JSON.parse(text)).toMatchObject({ v: 1, alg: 'A256GCM' })
    expect(said).toEqual([])
  })

  it('the value comes back in another process', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    expect(await open(ring).read('a.json')).toEqual(SECRET)
  })

  it('two processes that start at once make one key', async () => {
    const ring = memoryKeyring()
    await Promise.all([open(ring).write('a.json', SECRET), open(ring).write('b.json', SECRET)])
    expect(await open(ring).read('a.json')).toEqual(SECRET)
    expect(await open(ring).read('b.json')).toEqual(SECRET)
  })

  it('a changed file is no value', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    const path = join(directory, 'a.json')
    const sealed = JSON.parse(await readFile(path, 'utf8'))
    const data = Buffer.from(sealed.data, 'base64url')
    data[0] = (data[0] ?? 0) ^ 1
    await writeFile(path, JSON.stringify({ ...sealed, data: data.toString('base64url') }))
    expect(await open(ring).read('a.json')).toBeUndefined()
  })

  it('one file cannot stand in for another', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    await rename(join(directory, 'a.json'), join(directory, 'b.json'))
    expect(await open(ring).read('b.json')).toBeUndefined()
  })

  it('a short authentication tag is no value', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    const path = join(directory, 'a.json')
    const sealed = JSON.parse(await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify({ ...sealed, tag: sealed.tag.slice(0, 6) }))
    expect(await open(ring).read('a.json')).toBeUndefined()
  })
})

describe('the choice', () => {
  it('stays with the keyring when that is locked for a while: nothing is written in the clear', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    ring.locked = true
    await expect(open(ring).write('a.json', SECRET)).rejects.toThrow(
      'The keyring that guards the logins does not answer.',
    )
    await expect(open(ring).read('a.json')).rejects.toThrow(
      'The keyring that guards the logins does not answer.',
    )
    ring.locked = false
    expect(await open(ring).read('a.json')).toEqual(SECRET)
  })

  it('stays with files when a keyring turns up later', async () => {
    await open(undefined).write('a.json', SECRET)
    const ring = memoryKeyring()
    await open(ring).write('b.json', SECRET)
    expect(ring.asked).toBe(0)
    expect(await readFile(join(directory, 'b.json'), 'utf8')).toBe(JSON.stringify(SECRET))
    expect(said).toHaveLength(1)
  })

  it('falls on files where the keyring forgets what it is given', async () => {
    await open({ get: async () => undefined, set: async () => {} }).write('a.json', SECRET)
    expect(await readFile(join(directory, 'a.json'), 'utf8')).toBe(JSON.stringify(SECRET))
  })

  it('falls on files, without asking, where no keyring can be there', async () => {
    const ring = memoryKeyring()
    await open(ring, { keyringLikely: async () => false }).write('a.json', SECRET)
    expect(ring.asked).toBe(0)
    expect(await readFile(join(directory, 'store.json'), 'utf8')).toBe('{"v":1,"store":"file"}')
  })

  it('changes when the person asks for it', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    await open(ring, { store: 'file' }).write('b.json', SECRET)
    expect(await readFile(join(directory, 'b.json'), 'utf8')).toBe(JSON.stringify(SECRET))
    expect(await open(ring).read('a.json')).toEqual(SECRET)
  })

  it('changes to files when the person asks for it because the keyring is silent', async () => {
    const ring = memoryKeyring()
    await open(ring).write('a.json', SECRET)
    ring.locked = true
    const vault = open(ring, { store: 'file' })
    expect(await vault.read('a.json')).toBeUndefined()
    await vault.write('a.json', SECRET)
    expect(await open(ring).read('a.json')).toEqual(SECRET)
  })

  it('is refused in words when the person asks for a keyring that is not there', async () => {
    await expect(open(undefined, { store: 'keyring' }).write('a.json', SECRET)).rejects.toMatchObject({
      message: 'No keyring answers here.',
      fix: 'use --store file',
    })
    expect(await readdir(directory)).toEqual([])
  })
})

describe('the package', () => {
  const module = (
    entry: Partial<InstanceType<KeyringModule['AsyncEntry']>>,
    seen: unknown[] = [],
  ): KeyringModule => ({
    AsyncEntry: class {
      constructor(...given: unknown[]) {
        seen.push(given)
      }
      getPassword = entry.getPassword ?? (async () => null)
      setPassword = entry.setPassword ?? (async () => {})
    } as KeyringModule['AsyncEntry'],
  })

  it('may be missing', async () => {
    const missing = () => Promise.reject(new Error('Cannot find package'))
    expect(await openKeyring(missing)).toBeUndefined()
  })

  it('is pinned to the Secret Service on Linux', async () => {
    const seen: unknown[] = []
    await openKeyring(async () => module({}, seen))
    expect(seen).toEqual([['zuko-mcp', 'proxy-logins', { linux: { store: 'secret-service' } }]])
  })

  it('may hang: that is no key after three seconds', async () => {
    vi.useFakeTimers()
    const ring = await openKeyring(async () => module({ getPassword: () => new Promise(() => {}) }))
    if (!ring) throw new Error('There is a keyring.')
    const key = keyFor(ring)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await key).toBeUndefined()
  })
})
