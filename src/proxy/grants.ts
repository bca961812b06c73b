import { createPrivateKey, webcrypto } from 'node:crypto'
import type * as OpenIdClient from 'openid-client'
import { ZukoError } from '../errors.js'
import type { ServerMetadata } from './discovery.js'
import { type Fetch, ownCause } from './oauth-fetch.js'
import type { OAuthClient } from './registration.js'

/** What a token endpoint gave. Times are Unix milliseconds. */
export interface TokenSet {
  accessToken: string
  refreshToken?: string | undefined
  grantedScope?: string | undefined
  obtainedAt: number
  expiresAt?: number | undefined
}

/** Why a token endpoint refused: the grant is over, the client is unknown, or the request itself was wrong. */
export type RefusalKind = 'grant' | 'client' | 'request'

/** A definite refusal. Everything passing (network, 5xx, 429) is a ZukoError UNAVAILABLE instead. */
export class GrantRefused extends Error {
  constructor(
    readonly kind: RefusalKind,
    readonly code: string,
    options: ErrorOptions,
  ) {
    super(`The authorization server refused: ${code}.`, options)
  }
}

/** A refusal in words for a person; any other error as it is. */
export function readable(error: unknown): unknown {
  if (!(error instanceof GrantRefused)) return error
  return new ZukoError('FAILED', `The authorization server refused the sign-in (${error.code}).`, {
    fix: 'try again; when it stays so, check the client and the scopes',
    cause: error,
  })
}

export interface Grants {
  authorizationUrl(parameters: Record<string, string>): URL
  code(
    redirect: URL,
    checks: { verifier: string; state: string },
    parameters: Record<string, string>,
  ): Promise<TokenSet>
  refresh(refreshToken: string, parameters: Record<string, string>): Promise<TokenSet>
  clientCredentials(parameters: Record<string, string>): Promise<TokenSet>
  device(parameters: Record<string, string>): Promise<DeviceLogin>
  revoke(token: string, kind: 'refresh_token' | 'access_token'): Promise<void>
}

/** RFC 8628: where the person goes, with what, and the tokens once they have been there. */
export interface DeviceLogin {
  url: string
  userCode: string
  tokens(signal: AbortSignal): Promise<TokenSet>
}

const TIMEOUT_SECONDS = 20

/**
 * The grants of one client at one authorization server, by openid-client, which is read here, when the first
 * token is needed, and not before. The metadata was discovered and checked by us.
 */
export async function openGrants(
  server: ServerMetadata,
  client: OAuthClient,
  options: { fetch: Fetch; now(): number },
): Promise<Grants> {
  const oauth = await import('openid-client')
  const config = new oauth.Configuration(
    server as OpenIdClient.ServerMetadata,
    client.clientId,
    undefined,
    await authentication(oauth, client),
  )
  config[oauth.customFetch] = async (url, init) =>
    withoutIdToken(await options.fetch(url, init as RequestInit))
  config.timeout = TIMEOUT_SECONDS
  if (new URL(server.token_endpoint).protocol === 'http:') oauth.allowInsecureRequests(config)
  const tokens = (request: Promise<OpenIdClient.TokenEndpointResponse>) => settle(request, options.now)
  return {
    authorizationUrl: (parameters) => oauth.buildAuthorizationUrl(config, parameters),
    code: (redirect, { verifier, state }, parameters) => {
      const checks = { pkceCodeVerifier: verifier, expectedState: state }
      return tokens(oauth.authorizationCodeGrant(config, redirect, checks, parameters))
    },
    refresh: (refreshToken, parameters) => tokens(oauth.refreshTokenGrant(config, refreshToken, parameters)),
    clientCredentials: (parameters) => tokens(oauth.clientCredentialsGrant(config, parameters)),
    device: async (parameters) => {
      const started = await oauth.initiateDeviceAuthorization(config, parameters).catch(rethrow)
      return {
        url: started.verification_uri_complete ?? started.verification_uri,
        userCode: started.user_code,
        tokens: (signal) =>
          tokens(oauth.pollDeviceAuthorizationGrant(config, started, resourceOf(parameters), { signal })),
      }
    },
    revoke: (token, kind) => oauth.tokenRevocation(config, token, { token_type_hint: kind }).catch(rethrow),
  }
}

/**
 * Nothing here asks who the person is. An ID token that comes along unasked would be validated, and a login would
 * fail over a signature algorithm that nobody needs.
 */
async function withoutIdToken(response: Response): Promise<Response> {
  const text = await response.text()
  const { status, headers } = response
  try {
    const { id_token: _unused, ...body } = JSON.parse(text)
    return new Response(JSON.stringify(body), { status, headers })
  } catch {
    return new Response(text || null, { status, headers })
  }
}

const resourceOf = ({ resource }: Record<string, string>): Record<string, string> =>
  resource === undefined ? {} : { resource }

async function authentication(
  oauth: typeof OpenIdClient,
  { clientId, clientSecret = '', authMethod }: OAuthClient,
): Promise<OpenIdClient.ClientAuth> {
  if (authMethod === 'private_key_jwt') return oauth.PrivateKeyJwt(await privateKey(clientSecret))
  if (authMethod === 'client_secret_basic') return basic(clientId, clientSecret)
  return authMethod === 'client_secret_post' ? oauth.ClientSecretPost(clientSecret) : oauth.None()
}

/**
 * RFC 6749 section 2.3.1, with letters, digits, `-`, `.` and `_` left as they are: the same after decoding, and right as
 * well at the servers that do not decode.
 */
function basic(clientId: string, clientSecret: string): OpenIdClient.ClientAuth {
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)
  const credentials = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')
  return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${credentials}`)
}

/** RFC 7523 with the algorithm that goes with the key: ES256, EdDSA or RS256. */
async function privateKey(pem: string): Promise<webcrypto.CryptoKey> {
  try {
    const key = createPrivateKey(pem)
    const algorithm =
      key.asymmetricKeyType === 'ec'
        ? { name: 'ECDSA', namedCurve: 'P-256' }
        : key.asymmetricKeyType === 'ed25519'
          ? { name: 'Ed25519' }
          : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const der = key.export({ type: 'pkcs8', format: 'der' })
    return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
  } catch (error) {
    throw new ZukoError('FAILED', 'The private key of the client cannot be used.', {
      fix: 'it has to be a PEM of a P-256, Ed25519 or RSA key without a passphrase',
      cause: error,
    })
  }
}

async function settle(
  request: Promise<OpenIdClient.TokenEndpointResponse>,
  now: () => number,
): Promise<TokenSet> {
  const answer = await request.catch(rethrow)
  const { access_token, refresh_token, scope, expires_in } = answer
  const obtainedAt = now()
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    grantedScope: scope || undefined,
    obtainedAt,
    expiresAt: typeof expires_in === 'number' ? obtainedAt + expires_in * 1000 : undefined,
  }
}

const KINDS: Record<string, RefusalKind> = {
  invalid_grant: 'grant',
  access_denied: 'grant',
  expired_token: 'grant',
  invalid_client: 'client',
  unauthorized_client: 'client',
}
const PASSING = ['temporarily_unavailable', 'server_error', 'slow_down']

/** Sorts a failure into: definite refusal, passing trouble, cancelled. Their own words stay in `cause`. */
function rethrow(error: unknown): never {
  const { error: said, status, name, code } = error as Record<string, unknown>
  const own = ownCause(error)
  if (own) throw own
  if (name === 'AbortError' || code === 'OAUTH_ABORT')
    throw new ZukoError('INTERRUPTED', 'The login was cancelled.')
  const known = typeof said === 'string' && /^[a-z_]{1,64}$/.test(said) ? said : undefined
  const responseStatus = Number(status ?? (error as { cause?: { status?: unknown } }).cause?.status ?? 0)
  if (responseStatus >= 500 || responseStatus === 429 || (known && PASSING.includes(known))) {
    throw new ZukoError('UNAVAILABLE', `The authorization server answers ${responseStatus || known}.`, {
      fix: 'try again later',
      cause: error,
    })
  }
  if (known) throw new GrantRefused(KINDS[known] ?? 'request', known, { cause: error })
  if (responseStatus === 401) throw new GrantRefused('client', 'invalid_client', { cause: error })
  throw new ZukoError('UNAVAILABLE', 'The authorization server gave an answer that is not OAuth.', {
    fix: 'try again; when it stays so, the server has to be repaired',
    cause: error,
  })
}
