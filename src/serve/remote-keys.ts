import type { JWK } from 'jose'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { discoverKeySet } from './discovery.js'
import { errorFacts } from './error-facts.js'
import { importKey, type KeySource, pickKey, type VerifyingKey } from './key-source.js'
import { createRateLimit } from './rate-limit.js'
import { createReadJson, type ReadJson } from './remote-json.js'

/** Whose keys they are, and where. */
export interface KeyOrigin {
  url: string
  /** The variable that names it. */
  variable: 'BETTER_AUTH_URL' | 'OAUTH_ISSUER'
  /** The address of the key set; reading it counts against the same deadline. */
  locate(read: ReadJson): Promise<string>
}

/** Our own authorization server, or one with its paths, that runs apart. */
export const keysApart = (authUrl: string): KeyOrigin => ({
  url: authUrl,
  variable: 'BETTER_AUTH_URL',
  locate: async () => `${authUrl}/auth/jwks`,
})

/** Another product, which says in its metadata where its keys are. */
export const foreignKeys = (issuer: string): KeyOrigin => ({
  url: issuer,
  variable: 'OAUTH_ISSUER',
  locate: (read) => discoverKeySet(issuer, read),
})

export interface RemoteKeys extends KeySource {
  /** Whether there are keys to verify with; asks for them where there are none. Never rejects. */
  ready(): Promise<boolean>
}

export interface RemoteKeysOptions {
  log: Log
  fetch?: typeof globalThis.fetch
  now?: () => number
}

/** For the metadata and the keys together. */
const TIMEOUT = 3000
const MAX_KEYS = 64
/** How often the keys are asked for while there are none; every call waits for them. */
const WITHOUT_KEYS = { perSecond: 1, burst: 1 }
/** With keys: a rotation is followed without delay, and forged `kid`s cost that server next to nothing. */
const WITH_KEYS = { perSecond: 0.1, burst: 3 }
const REFRESH_AFTER = 10 * 60_000
const KEEP_FOR = 24 * 3600_000

/** Reads a JWK set (RFC 7517 section 5). */
async function readKeys(read: ReadJson, url: string): Promise<VerifyingKey[]> {
  const { keys } = (await read(url)) as { keys?: JWK[] }
  if (!Array.isArray(keys)) throw new ZukoError('UNAVAILABLE', `${url} is no JWK set.`)
  const imported = await Promise.all(keys.slice(0, MAX_KEYS).map((jwk) => importKey(jwk)))
  return imported.filter((key) => key !== undefined)
}

/**
 * The keys of an authorization server that is not in this process. They are asked for when a `kid` is unknown, at
 * most three times at once and then every 10 seconds, whatever tokens carry; refreshed in the background after 10
 * minutes; while that server is down, the last keys it gave stay good for 24 hours.
 */
export function remoteKeys(
  origin: KeyOrigin,
  { log, fetch = globalThis.fetch, now = Date.now }: RemoteKeysOptions,
): RemoteKeys {
  const withKeys = createRateLimit(WITH_KEYS, now)
  const withoutKeys = createRateLimit(WITHOUT_KEYS, now)
  let keys: VerifyingKey[] = []
  let fetchedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let fetching: Promise<void> | undefined

  /** Never rejects: what went wrong is remembered for whoever asks for a key that is not known. */
  const refresh = async (): Promise<void> => {
    try {
      const read = createReadJson(fetch, AbortSignal.timeout(TIMEOUT))
      keys = await readKeys(read, await origin.locate(read))
      fetchedAt = now()
      failure = undefined
    } catch (error) {
      log.warn({ from: origin.url, ...errorFacts(error) }, 'signing keys cannot be read')
      failure = error
    }
  }
  const current = (): boolean => now() - fetchedAt < KEEP_FOR
  const refreshOnce = (): Promise<void> => {
    const attempts = current() ? withKeys : withoutKeys
    if (!fetching && attempts.take(origin.url) > 0) return Promise.resolve()
    fetching ??= refresh().finally(() => {
      fetching = undefined
    })
    return fetching
  }
  const known: KeySource['find'] = async (header) => (current() ? pickKey(keys, header) : undefined)

  return {
    async find(header) {
      const key = await known(header)
      if (key) {
        if (now() - fetchedAt >= REFRESH_AFTER) void refreshOnce()
        return key
      }
      // What is under way may have been answered before this key was published.
      await fetching
      if (!(await known(header))) await refreshOnce()
      const fresh = await known(header)
      if (fresh || failure === undefined) return fresh
      throw new ZukoError('UNAVAILABLE', `The signing keys of ${origin.url} cannot be read.`, {
        fix: `check that the authorization server runs, and ${origin.variable}`,
        cause: failure,
      })
    },
    async ready() {
      if (!current()) await refreshOnce()
      return current()
    },
  }
}
