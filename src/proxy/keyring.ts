import { randomBytes } from 'node:crypto'

/** One secret in the keyring of the operating system. Every call answers or throws within three seconds. */
export interface Keyring {
  get(): Promise<string | undefined>
  set(secret: string): Promise<void>
}

interface Entry {
  getPassword(signal?: AbortSignal): Promise<string | null | undefined>
  setPassword(secret: string, signal?: AbortSignal): Promise<void>
}

/** The part of `@napi-rs/keyring` in use. */
export interface KeyringModule {
  AsyncEntry: new (service: string, account: string, options?: { linux?: { store: string } }) => Entry
}

const PATIENCE_MS = 3_000
const PACKAGE = '@napi-rs/keyring'

/** The package is optional: where npm could not install it, logins are kept in files. */
const loadPackage = async (): Promise<KeyringModule> => (await import(PACKAGE)) as KeyringModule

/**
 * The keyring, or undefined where the package is missing. On Linux it is pinned to the Secret Service, since
 * the package would otherwise fall back to the kernel's keyring, which forgets everything at a restart.
 */
export async function openKeyring(load = loadPackage): Promise<Keyring | undefined> {
  try {
    const { AsyncEntry } = await load()
    const entry = new AsyncEntry('zuko-mcp', 'proxy-logins', { linux: { store: 'secret-service' } })
    return {
      get: async () => (await inTime((signal) => entry.getPassword(signal))) ?? undefined,
      set: (secret) => inTime((signal) => entry.setPassword(secret, signal)),
    }
  } catch {
    return undefined
  }
}

/** A locked keyring may wait for a person who is not there. */
function inTime<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      controller.abort()
      reject(new Error('The keyring did not answer within 3 seconds.'))
    }, PATIENCE_MS)
    call(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

/** The 32-byte key that logins are encrypted with; undefined where the keyring has none or does not answer. */
export async function keyFrom(keyring: Keyring): Promise<Buffer | undefined> {
  const key = Buffer.from((await keyring.get().catch(() => undefined)) ?? '', 'base64url')
  return key.length === 32 ? key : undefined
}

/** The key, made at first; undefined where the keyring does not give back what it was given. */
export async function keyFor(keyring: Keyring): Promise<Buffer | undefined> {
  try {
    if (!(await keyring.get())) await keyring.set(randomBytes(32).toString('base64url'))
  } catch {
    return undefined
  }
  return keyFrom(keyring)
}
