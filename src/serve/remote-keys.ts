import type { JWK } from 'jose'
import { ZukoError } from '../errors.js'
import { importKey, type KeySource, pickKey, type VerifyingKey } from './key-source.js'

const TIMEOUT = 2500
const MAX_BYTES = 64 * 1024
const MAX_KEYS = 64
const PAUSE = 30_000
const REFRESH_AFTER = 10 * 60_000
const KEEP_FOR = 24 * 3600_000

async function readBounded(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new Error(`the key set is larger than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Fetches a JWK set (RFC 7517 section 5): JSON, small, soon, and from this address alone. */
async function fetchKeys(url: string, fetch: typeof globalThis.fetch): Promise<VerifyingKey[]> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json, application/jwk-set+json' },
    signal: AbortSignal.timeout(TIMEOUT),
  })
  const type = response.headers.get('content-type') ?? ''
  if (response.status !== 200 || !response.body || !/^application\/(jwk-set\+)?json\b/i.test(type)) {
    await response.body?.cancel()
    throw new Error(`the key set was answered with ${response.status} ${type}`)
  }
  const { keys } = JSON.parse(await readBounded(response.body)) as { keys: JWK[] }
  const imported = await Promise.all(keys.slice(0, MAX_KEYS).map((jwk) => importKey(jwk)))
  return imported.filter((key) => key !== undefined)
}

/**
 * The keys of an authorization server that runs apart. At most one fetch per 30 seconds, whatever `kid`s
 * tokens carry; refreshed in the background after 10 minutes; while that server is down, the last keys it
 * gave stay good for 24 hours.
 */
export function remoteKeys(
  url: string,
  { fetch = globalThis.fetch, now = Date.now }: { fetch?: typeof globalThis.fetch; now?: () => number } = {},
): KeySource {
  let keys: VerifyingKey[] = []
  let fetchedAt = Number.NEGATIVE_INFINITY
  let attemptedAt = Number.NEGATIVE_INFINITY
  let failure: unknown
  let fetching: Promise<void> | undefined

  /** Never rejects: what went wrong is remembered for whoever asks for a key that is not known. */
  const refresh = async (): Promise<void> => {
    attemptedAt = now()
    try {
      keys = await fetchKeys(url, fetch)
      fetchedAt = now()
      failure = undefined
    } catch (error) {
      failure = error
    }
  }
  const refreshOnce = (): Promise<void> => {
    if (!fetching && now() - attemptedAt < PAUSE) return Promise.resolve()
    fetching ??= refresh().finally(() => {
      fetching = undefined
    })
    return fetching
  }
  const known: KeySource['find'] = async (header) =>
    now() - fetchedAt < KEEP_FOR ? pickKey(keys, header) : undefined

  return {
    async find(header) {
      const key = await known(header)
      if (key) {
        if (now() - fetchedAt >= REFRESH_AFTER) void refreshOnce()
        return key
      }
      await refreshOnce()
      const fresh = await known(header)
      if (!fresh && failure !== undefined) {
        throw new ZukoError('UNAVAILABLE', `The signing keys at ${url} cannot be read.`, {
          fix: 'check that the authorization server runs, and BETTER_AUTH_URL',
          cause: failure,
        })
      }
      return fresh
    },
  }
}
