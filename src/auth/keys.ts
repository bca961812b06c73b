import type { GenericEndpointContext } from '@better-auth/core'
import { createJwk, type Jwk, type JwtOptions, resolveSigningKey, signJWT } from 'better-auth/plugins'
import { calculateJwkThumbprint } from 'jose'
import { ZukoError } from '../errors.js'
import type { KeyStore, StoredKey } from '../store/types.js'
import type { Auth } from './server.js'

/** Where the public keys are read; a key that waits for its time to sign is published there already. */
const PUBLISHED_AT = '/jwks'

/**
 * How long a new key is published before it signs: longer than any verifier goes without reading the keys
 * again (10 minutes, see serve/remote-keys.ts; a minute in serve/key-source.ts), so that each knows it in time.
 */
const PUBLISHED_BEFORE_MS = 11 * 60_000

/** The keys that may sign now; all of them where a clock is so wrong that none may. */
function begun(keys: StoredKey[], at: Date): StoredKey[] {
  const signing = keys.filter(({ createdAt }) => createdAt <= at)
  return signing.length > 0 ? signing : keys
}

/**
 * Options of the jwt plugin over the store's keys. A key's `kid` is its RFC 7638 thumbprint, so that a
 * wiped and newly made store never signs with another key under a `kid` that verifiers have cached.
 */
export function keyOptions(keys: KeyStore, issuer: string, now: () => Date): JwtOptions {
  return {
    disableSettingJwtHeader: true,
    jwt: { issuer },
    jwks: { keyPairConfig: { alg: 'EdDSA', crv: 'Ed25519' } },
    adapter: {
      getJwks: async (context) => {
        const stored = await keys.list()
        const shown = context?.path === PUBLISHED_AT ? stored : begun(stored, now())
        return shown.map(({ expiresAt, alg, crv, ...key }) => ({
          ...key,
          ...(expiresAt ? { expiresAt } : {}),
          alg: (alg ?? 'EdDSA') as 'EdDSA',
          ...(crv ? { crv: crv as 'Ed25519' } : {}),
        }))
      },
      createJwk: async (key) => {
        const stored = await storedKey(key, now())
        await keys.add(stored)
        return { ...key, id: stored.id, createdAt: stored.createdAt }
      },
    },
  }
}

const storedKey = async (key: Omit<Jwk, 'id'>, createdAt: Date): Promise<StoredKey> => ({
  id: await calculateJwkThumbprint(JSON.parse(key.publicKey)),
  publicKey: key.publicKey,
  privateKey: key.privateKey,
  createdAt,
  expiresAt: key.expiresAt ?? null,
  alg: key.alg ?? 'EdDSA',
  crv: key.crv ?? null,
})

/**
 * Begins a rotation: a new key is published now and signs from `signsFrom` on; the keys before it sign until
 * then, and verify for as long as their last token lives. Answers undefined, and changes nothing, while the
 * key of an earlier rotation still waits.
 */
export async function rotateSigningKey({
  endpointContext,
  keys: options,
  store,
  now,
}: Pick<Auth, 'endpointContext' | 'keys' | 'store' | 'now'>): Promise<
  { id: string; signsFrom: Date } | undefined
> {
  const at = now()
  const signsFrom = new Date(at.getTime() + PUBLISHED_BEFORE_MS)
  let begun = false
  const createNext = async (key: Omit<Jwk, 'id'>): Promise<Jwk> => {
    const next = await storedKey(key, signsFrom)
    begun = await store.keys.rotate(next, at.getTime())
    return { ...key, id: next.id }
  }
  const adapter = { ...options.adapter, createJwk: createNext }
  const { id } = await createJwk(endpointContext, { ...options, adapter })
  return begun ? { id, signsFrom } : undefined
}

/**
 * Makes the first signing key, and proves that the newest can be read with the secret.
 * @throws ZukoError CONFIGURATION when the keys were encrypted with another secret
 */
export async function ensureSigningKey(context: GenericEndpointContext, options: JwtOptions): Promise<void> {
  const existing = await options.adapter?.getJwks?.(context)
  if (!existing?.length) await createJwk(context, options)
  try {
    await resolveSigningKey(context, options)
  } catch (cause) {
    throw new ZukoError(
      'CONFIGURATION',
      'The signing keys in the store were encrypted with another secret.',
      {
        fix: 'set BETTER_AUTH_SECRET to the secret this store was made with; if it is lost: zuko-mcp admin keys rotate --now',
        cause,
      },
    )
  }
}

/** Signs the claims of an access token (RFC 9068: `typ` is at+jwt) with the newest key. */
export const signAccessToken = (
  context: GenericEndpointContext,
  options: JwtOptions,
  payload: Record<string, unknown>,
): Promise<string> => signJWT(context, { options, payload, header: { typ: 'at+jwt' } })
