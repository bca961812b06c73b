import { randomUUID } from 'node:crypto'
import type { Scope } from '../tools/scopes.js'
import { signAccessToken } from './keys.js'
import type { Auth } from './server.js'

/** The built-in client in whose name the terminal acts. It has no redirect URI and cannot authorize. */
export const ADMIN_CLIENT = { clientId: 'zuko-mcp-admin', clientName: 'zuko-mcp admin' } as const

/** The longest life of an access token in seconds. */
export const MAX_TOKEN_LIFETIME = 900

/**
 * One signed access token for scripts and checks, exactly like those that clients get. It rests on a grant
 * of the built-in client, which the caller makes sure of first, and ends with it.
 */
export function mintToken(
  auth: Auth,
  token: { userId: number; scopes: readonly Scope[]; ttlSeconds: number },
): Promise<string> {
  const iat = Math.floor(auth.now().getTime() / 1000)
  return signAccessToken(auth.endpointContext, auth.keys, {
    iss: auth.urls.issuer,
    aud: auth.urls.resource,
    sub: String(token.userId),
    client_id: ADMIN_CLIENT.clientId,
    scope: token.scopes.join(' '),
    jti: randomUUID(),
    iat,
    exp: iat + Math.min(token.ttlSeconds, MAX_TOKEN_LIFETIME),
  })
}
