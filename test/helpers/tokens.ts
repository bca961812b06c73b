import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { StoredKey } from '../../src/store/types.js'

export interface Signer {
  kid: string
  alg: string
  publicJwk: JWK
  privateKey: CryptoKey
  /** The row that the embedded authorization server keeps of such a key. */
  stored: StoredKey
  /** Signs a payload and header exactly as given. */
  sign(payload: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
}

/** A fresh key pair that signs whatever a test asks it to. */
export async function createSigner(alg = 'EdDSA'): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  return {
    kid,
    alg,
    publicJwk,
    privateKey,
    stored: {
      id: kid,
      publicKey: JSON.stringify(publicJwk),
      privateKey: 'not needed to verify',
      createdAt: new Date(0),
      expiresAt: null,
      alg,
      crv: publicJwk.crv ?? null,
    },
    sign: (payload, header = {}) =>
      new SignJWT(payload)
        .setProtectedHeader({ alg, kid, typ: 'at+jwt', ...header } as { alg: string })
        .sign(privateKey),
  }
}

/** The claims of a good access token of `BACKEND_URL`, valid for ten minutes from `now`. */
export const accessClaims = (backendUrl: string, now: Date, claims: Record<string, unknown> = {}) => {
  const iat = Math.floor(now.getTime() / 1000)
  return {
    iss: `${backendUrl}/auth`,
    aud: `${backendUrl}/api/mcp`,
    sub: '1',
    client_id: 'client-1',
    scope: 'organizations:read tasks:read tasks:write',
    jti: 'token-1',
    iat,
    exp: iat + 600,
    ...claims,
  }
}
