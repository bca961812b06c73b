import type { GenericEndpointContext } from '@better-auth/core'
import { createJwk, type JwtOptions, resolveSigningKey, signJWT } from 'better-auth/plugins'
import { calculateJwkThumbprint } from 'jose'
import { ZukoError } from '../errors.js'
import type { KeyStore } from '../store/types.js'

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
      getJwks: async () =>
        (await keys.list()).map(({ expiresAt, alg, crv, ...key }) => ({
          ...key,
          ...(expiresAt ? { expiresAt } : {}),
          alg: (alg ?? 'EdDSA') as 'EdDSA',
          ...(crv ? { crv: crv as 'Ed25519' } : {}),
        })),
      createJwk: async (key) => {
        const id = await calculateJwkThumbprint(JSON.parse(key.publicKey))
        const stored = { id, publicKey: key.publicKey, privateKey: key.privateKey, createdAt: now() }
        await keys.add({
          ...stored,
          expiresAt: key.expiresAt ?? null,
          alg: key.alg ?? 'EdDSA',
          crv: key.crv ?? null,
        })
        return { ...key, ...stored }
      },
    },
  }
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
        fix: 'set BETTER_AUTH_SECRET to the secret this store was made with',
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
