import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ZukoError } from '../errors.js'
import { type Keyring, keyFor, keyFrom, openKeyring } from './keyring.js'
import { waitForLock } from './lock.js'
import { readPrivateFile, removeLeftovers, removePrivateFile, writePrivateFile } from './private-file.js'

export type StoreKind = 'keyring' | 'file'

/** Named JSON values in private files of one directory, encrypted where a keyring keeps the key. */
export interface Vault {
  /**
   * The value, or undefined where there is none or what is there is not one of ours. Who asks for files gives up what
   * a silent keyring guards.
   * @throws ZukoError FAILED when others could read or change the file, or its key cannot be had
   */
  read(name: string): Promise<unknown>
  write(name: string, value: unknown): Promise<void>
  remove(name: string): Promise<void>
  names(): Promise<string[]>
  /** How values are kept; undefined until the first is written. */
  kind(): Promise<StoreKind | undefined>
}

export interface VaultOptions {
  directory: string
  /** What the person asked for; else the choice made at the first login. */
  store?: StoreKind | undefined
  say(line: string): void
  keyring?: () => Promise<Keyring | undefined>
  /** Whether asking the keyring can be expected to work here. */
  keyringLikely?: () => Promise<boolean>
}

interface Sealed {
  v: 1
  alg: 'A256GCM'
  iv: string
  tag: string
  data: string
}

const CHOICE = 'store.json'

export function openVault(options: VaultOptions): Vault {
  const path = (name: string): string => join(options.directory, name)
  const keyring = once(options.keyring ?? (() => openKeyring()))
  const key = keyOf(keyring)
  const choose = once(async () => {
    await removeLeftovers(options.directory)
    return chooseStore(options, path(CHOICE), keyring)
  })
  return {
    read: async (name) => {
      const value = parse(await readPrivateFile(path(name)))
      if (!isSealed(value)) return value
      const opened = await key()
      if (opened) return unseal(value, name, opened)
      if (options.store === 'file') return undefined
      throw keyringSilent()
    },
    write: async (name, value) => {
      if ((await choose()) === 'file') return writePrivateFile(path(name), JSON.stringify(value))
      const opened = await key()
      if (!opened) throw keyringSilent()
      await writePrivateFile(path(name), JSON.stringify(seal(value, name, opened)))
    },
    remove: (name) => removePrivateFile(path(name)),
    names: () => readdir(options.directory).catch(() => []),
    kind: () => remembered(path(CHOICE)),
  }
}

const keyringSilent = (): ZukoError =>
  new ZukoError('FAILED', 'The keyring that guards the logins does not answer.', {
    fix: 'unlock it, or sign in anew with: zuko-mcp proxy login --store file',
  })

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((error) => {
      made = undefined
      throw error
    })
    return made
  }
}

/** The key once it was had; asked for again as long as it was not, since a person may unlock the keyring. */
function keyOf(keyring: () => Promise<Keyring | undefined>): () => Promise<Buffer | undefined> {
  let known: Buffer | undefined
  return async () => {
    const opened = known ? undefined : await keyring()
    if (opened) known = await keyFrom(opened)
    return known
  }
}

async function remembered(path: string): Promise<StoreKind | undefined> {
  const choice = parse(await readPrivateFile(path)) as { store?: unknown } | undefined
  return choice?.store === 'keyring' || choice?.store === 'file' ? choice.store : undefined
}

/** Decided once for the directory, under a lock, and kept: a keyring that is down for a day changes nothing. */
async function chooseStore(
  { directory, store, say, keyringLikely }: VaultOptions,
  path: string,
  keyring: () => Promise<Keyring | undefined>,
): Promise<StoreKind> {
  const before = await remembered(path)
  if (before && (!store || store === before)) return before
  const lock = await waitForLock(directory, 'store', 15_000)
  try {
    const now = (await remembered(path)) ?? before
    if (now && (!store || store === now)) return now
    const works = store !== 'file' && (store === 'keyring' || ((await keyringLikely?.()) ?? true))
    const opened = works ? await keyring() : undefined
    const kind = opened && (await keyFor(opened)) ? 'keyring' : 'file'
    if (store === 'keyring' && kind === 'file') {
      throw new ZukoError('FAILED', 'No keyring answers here.', { fix: 'use --store file' })
    }
    await writePrivateFile(path, JSON.stringify({ v: 1, store: kind }))
    if (kind === 'file') say(`Logins are kept in ${directory}, unencrypted and readable by you only.`)
    return kind
  } finally {
    await lock.release()
  }
}

/** The name is authenticated with the value, so that one file cannot stand in for another. */
function seal(value: unknown, name: string, key: Buffer): Sealed {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
  const data = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
  return {
    v: 1,
    alg: 'A256GCM',
    iv: iv.toString('base64url'),
    tag: cipher.getAuthTag().toString('base64url'),
    data: data.toString('base64url'),
  }
}

function unseal({ iv, tag, data }: Sealed, name: string, key: Buffer): unknown {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
    decipher.setAAD(Buffer.from(name)).setAuthTag(Buffer.from(tag, 'base64url'))
    return parse(Buffer.concat([decipher.update(data, 'base64url'), decipher.final()]).toString('utf8'))
  } catch {
    return undefined
  }
}

const isSealed = (value: unknown): value is Sealed => (value as Sealed | undefined)?.alg === 'A256GCM'

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
