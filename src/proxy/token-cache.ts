import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ensurePrivateDirectory } from './private-file.js'
import { openVault, type StoreKind, type Vault, type VaultOptions } from './vault.js'

/** Which login a server address and a profile stand for, found without asking anybody. */
export interface Known {
  url: string
  profile: string
  resource: string
  issuer: string
  clientId: string
  /** Every scope asked for so far, so that a step-up keeps what was there. */
  scope?: string | undefined
}

/** One login. Its tokens go to `resource`, and to the token endpoint of `issuer`, and nowhere else. */
export interface Credential extends Known {
  /** The same for every token that one login leads to. */
  loginId: string
  tokenEndpoint: string
  revocationEndpoint?: string | undefined
  accessToken: string
  refreshToken?: string | undefined
  /** The scopes of the access token where the authorization server named them. */
  grantedScope?: string | undefined
  /** Unix milliseconds. */
  obtainedAt: number
  /** How many tokens before this one the server had refused, each within a minute of its making. */
  refusals?: number | undefined
  /** Unix milliseconds; undefined where the authorization server did not say. */
  expiresAt?: number | undefined
}

/** A client that the authorization server registered for us (RFC 7591). */
export interface Registration {
  issuer: string
  clientId: string
  clientSecret?: string | undefined
  authMethod: AuthMethod
  redirectUri: string
  /** Unix milliseconds at which the secret ends; undefined for never. */
  secretExpiresAt?: number | undefined
}

export type AuthMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'

/** A sign-in that somebody was sent to and that any process of ours may finish. */
export interface PendingLogin {
  authorizationUrl: string
  state: string
  verifier: string
  issuer: string
  clientId: string
  redirectUri: string
  resource: string
  scope?: string | undefined
  /** Unix milliseconds after which nobody waits for it. */
  until: number
  /** Whether a browser shows it already, so that whoever goes on with it opens no second tab. */
  shown: boolean
}

export interface TokenCache {
  /** Names this login in locks; the same in every process that means the same login. */
  readonly name: string
  known(): Promise<Known | undefined>
  credential(): Promise<Credential | undefined>
  /** Whether what `credential()` found last is still what is kept. Cheap enough for every call. */
  isCurrent(): boolean
  /** Keeps a login. `login` says that a person or a client's own credentials brought it, not a renewal. */
  save(credential: Credential, how: 'login' | 'renewal'): Promise<void>
  /** Removes the login, not the client's registration. */
  forget(): Promise<void>
  registration(issuer: string): Promise<Registration | undefined>
  saveRegistration(registration: Registration): Promise<void>
  forgetRegistration(issuer: string): Promise<void>
  pending(): Promise<PendingLogin | undefined>
  savePending(pending: PendingLogin | undefined): Promise<void>
  /** Calls back whenever any process kept a login of this name. Returns the way to stop. */
  watch(listener: () => void): Promise<() => void>
  /** Every login of the directory. */
  list(): Promise<Credential[]>
  kind(): Promise<StoreKind | undefined>
}

export interface TokenCacheOptions extends VaultOptions {
  url: URL
  profile: string
  /** What the person fixed for this server: other values are another login. */
  clientId?: string | undefined
  resource?: string | undefined
}

const digest = (...parts: string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

/** A login is bound to its issuer: another authorization server finds no credential under its own key. */
const credentialFile = ({ resource, issuer, clientId, profile }: Known): string =>
  `${digest(resource, issuer, clientId, profile)}.token.json`

const KNOWN = '.server.json'

export function openTokenCache(options: TokenCacheOptions): TokenCache {
  const vault = openVault(options)
  const { url, profile, clientId = '', resource = '' } = options
  const key = digest(url.href, profile, clientId, resource)
  const registrationFile = (issuer: string): string => `${digest(issuer, profile)}.client.json`
  const knownFile = `${key}${KNOWN}`
  const pendingFile = `${key}.pending.json`
  const known = async () => (await vault.read(knownFile)) as Known | undefined
  let isCurrent = () => false
  return {
    name: key.slice(0, 12),
    known,
    isCurrent: () => isCurrent(),
    credential: async () => {
      const found = await known()
      isCurrent = found ? await whileUntouched(join(options.directory, credentialFile(found))) : () => false
      return readCredential(vault, found)
    },
    save: async (credential, how) => {
      await vault.write(credentialFile(credential), credential)
      if (how === 'login') await vault.write(knownFile, knownOf(credential))
    },
    forget: async () => {
      const found = await known()
      await vault.remove(knownFile)
      if (found) await vault.remove(credentialFile(found))
      await vault.remove(pendingFile)
    },
    registration: async (issuer) => (await vault.read(registrationFile(issuer))) as Registration | undefined,
    saveRegistration: (registration) => vault.write(registrationFile(registration.issuer), registration),
    forgetRegistration: (issuer) => vault.remove(registrationFile(issuer)),
    pending: async () => (await vault.read(pendingFile)) as PendingLogin | undefined,
    savePending: (pending) => (pending ? vault.write(pendingFile, pending) : vault.remove(pendingFile)),
    watch: (listener) => watchFile(options.directory, knownFile, listener),
    list: () => list(vault),
    kind: () => vault.kind(),
  }
}

const knownOf = ({ url, profile, resource, issuer, clientId, scope }: Credential): Known => ({
  url,
  profile,
  resource,
  issuer,
  clientId,
  scope,
})

async function readCredential(vault: Vault, known: Known | undefined): Promise<Credential | undefined> {
  if (!known) return undefined
  const found = (await vault.read(credentialFile(known))) as Credential | undefined
  const whole = typeof found?.accessToken === 'string' && found.issuer === known.issuer
  return whole ? found : undefined
}

async function list(vault: Vault): Promise<Credential[]> {
  const names = (await vault.names()).filter((name) => name.endsWith(KNOWN)).sort()
  const found = await Promise.all(
    names.map(async (name) => readCredential(vault, (await vault.read(name)) as Known | undefined)),
  )
  return found.filter((credential) => credential !== undefined)
}

/** Tells whether a file is the same as now: every write replaces it, and a logout removes it. */
async function whileUntouched(path: string): Promise<() => boolean> {
  const { statSync } = await import('node:fs')
  const mark = () => {
    try {
      const { ino, mtimeMs } = statSync(path)
      return `${ino} ${mtimeMs}`
    } catch {
      return undefined
    }
  }
  const before = mark()
  return () => before !== undefined && mark() === before
}

/** Where the system cannot watch, whoever asks finds out at the next call instead. */
async function watchFile(directory: string, name: string, listener: () => void): Promise<() => void> {
  try {
    await ensurePrivateDirectory(directory)
    const { watch } = await import('node:fs')
    const watcher = watch(directory, { persistent: false }, (_event, file) => {
      if (file === name) listener()
    })
    watcher.on('error', () => watcher.close())
    return () => watcher.close()
  } catch {
    return () => {}
  }
}

const MARGIN_MS = 60_000
const MARGIN_SHARE = 0.2

/** When to renew before the end: 60 seconds, or a fifth of a short life. Undefined: never by the clock. */
export function renewalDue({ obtainedAt, expiresAt }: Credential): number | undefined {
  if (expiresAt === undefined) return undefined
  return expiresAt - Math.min(MARGIN_MS, MARGIN_SHARE * Math.max(0, expiresAt - obtainedAt))
}

export const isFresh = (credential: Credential, now: number): boolean =>
  now < (renewalDue(credential) ?? Number.POSITIVE_INFINITY)

export const isAlive = (credential: Credential, now: number): boolean =>
  now < (credential.expiresAt ?? Number.POSITIVE_INFINITY)

export const scopes = (text: string | undefined): string[] => (text ?? '').split(' ').filter(Boolean)

/** What anybody's login or renewal has brought meanwhile, if it is enough. */
export async function adoptable(
  cache: Pick<TokenCache, 'credential'>,
  need: { refused: string | undefined; scope: string | undefined },
  now: number,
): Promise<Credential | undefined> {
  const kept = await cache.credential()
  const good = kept && kept.accessToken !== need.refused && isAlive(kept, now)
  return good && covers(kept, need.scope) ? kept : undefined
}

/** Both lists of scopes without repetition; undefined for none. */
export const unionOfScopes = (...texts: (string | undefined)[]): string | undefined =>
  [...new Set(texts.flatMap(scopes))].join(' ') || undefined

/** Whether a login was granted all of `wanted`. One whose scopes nobody named is believed to be. */
export const covers = ({ grantedScope }: Credential, wanted: string | undefined): boolean =>
  grantedScope === undefined || scopes(wanted).every((scope) => scopes(grantedScope).includes(scope))
