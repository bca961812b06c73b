import { type CryptoKey, importJWK, type JWK } from 'jose'
import type { KeyStore, StoredKey } from '../store/types.js'

/** Where the guard finds public keys. */
export interface KeySource {
  /**
   * The one key that fits, or undefined.
   * @throws ZukoError UNAVAILABLE when the keys cannot be had and none that is known fits
   */
  find(header: { alg: string; kid: string | undefined }): Promise<CryptoKey | undefined>
}

/** A public key that verifies with `alg` and nothing else. */
export interface VerifyingKey {
  kid: string | undefined
  alg: string
  key: CryptoKey
}

const ALGORITHM_OF: Record<string, string> = {
  'OKP Ed25519': 'EdDSA',
  'EC P-256': 'ES256',
  'RSA ': 'RS256',
}

/** The algorithms that the public part of a JWK may be used with; a symmetric key has none. */
function algorithmOf({ kty, crv, alg, use }: JWK): string | undefined {
  const derived = ALGORITHM_OF[`${kty} ${kty === 'RSA' ? '' : crv}`]
  if (derived === undefined || (use !== undefined && use !== 'sig')) return undefined
  if (alg === undefined || alg === derived) return derived
  return kty === 'RSA' && alg === 'PS256' ? alg : undefined
}

/** Imports a JWK's public part; undefined for a key that signs nothing we accept. */
export async function importKey(jwk: JWK, kid = jwk.kid): Promise<VerifyingKey | undefined> {
  const alg = algorithmOf(jwk)
  if (!alg || (kid !== undefined && typeof kid !== 'string')) return undefined
  const { kty, crv, x, y, n, e } = jwk
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined)
  try {
    return { kid, alg, key: (await importJWK(Object.fromEntries(members) as JWK, alg)) as CryptoKey }
  } catch {
    return undefined
  }
}

/** The only key that fits a token's header. A token without `kid` has one where one key alone fits. */
export function pickKey(
  keys: readonly VerifyingKey[],
  { alg, kid }: { alg: string; kid: string | undefined },
): CryptoKey | undefined {
  const fitting = keys.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid))
  return fitting.length === 1 ? fitting[0]?.key : undefined
}

const UNKNOWN_KID_PAUSE = 1000
const REREAD_AFTER = 60_000
/** How long after its last signature a retired key still verifies: the longest life of a token, and skew. */
const AFTERLIFE = 16 * 60_000

async function importStored(rows: readonly StoredKey[], now: number): Promise<VerifyingKey[]> {
  const current = rows.filter(({ expiresAt }) => !expiresAt || expiresAt.getTime() + AFTERLIFE > now)
  const keys = await Promise.all(current.map(({ id, publicKey }) => importKey(JSON.parse(publicKey), id)))
  return keys.filter((key) => key?.alg === 'EdDSA') as VerifyingKey[]
}

/**
 * The keys of the embedded authorization server, read in-process. They are read again after a minute, and
 * for an unknown `kid` at most once per second, so that forged `kid`s cost no query each.
 */
export function localKeys(store: Pick<KeyStore, 'list'>, now: () => number = Date.now): KeySource {
  let keys: VerifyingKey[] = []
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const read = async (): Promise<void> => {
    const startedAt = now()
    keys = await importStored(await store.list(), startedAt)
    readAt = startedAt
  }
  const readOnce = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    async find(header) {
      if (now() - readAt >= REREAD_AFTER) await readOnce()
      const known = pickKey(keys, header)
      if (known || now() - readAt < UNKNOWN_KID_PAUSE) return known
      await readOnce()
      return pickKey(keys, header)
    },
  }
}
