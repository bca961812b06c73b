import { randomUUID } from 'node:crypto'
import type { LoginContext } from './context.js'
import { discoverResource, discoverServer, listed, parseChallenge, type ServerMetadata } from './discovery.js'
import type { TokenSet } from './grants.js'
import { type Credential, type Known, unionOfScopes } from './token-cache.js'

/** Why a login is needed. */
export interface LoginNeed {
  status: 401 | 403
  wwwAuthenticate: string | undefined
  /** The token that was refused. */
  refused: string | undefined
  /** What the next token has to cover: the scope of a 403's challenge. */
  scope: string | undefined
}

/** Everything that a login is about, discovered and checked. */
export interface Found {
  url: URL
  profile: string
  resource: string
  server: ServerMetadata
  /** What to ask for at a login. */
  scope: string | undefined
  /** What the resource says it knows. */
  supported: string | undefined
  /** The server knows this login: it found nothing wrong with its token but the scope. */
  proven: boolean
}

/**
 * Finds the authorization server of the resource. The one of the last login is kept as long as the resource
 * still names it.
 * @throws ZukoError FAILED or UNAVAILABLE
 */
export async function findServer(
  { options, cache, fetch }: LoginContext,
  need: Pick<LoginNeed, 'status' | 'wwwAuthenticate'>,
): Promise<Found> {
  const { url, profile } = options
  const challenge = parseChallenge(need.wwwAuthenticate)
  const known = await cache.known()
  const found = await discoverResource(fetch, url, challenge, options.resource)
  const issuer =
    found.issuers.find((listedIssuer) => listedIssuer === known?.issuer) ?? found.issuers[0] ?? ''
  const server = await discoverServer(fetch, issuer, url, found.assumed)
  const before = known?.issuer === server.issuer && known.resource === found.resource ? known : undefined
  const wanted = wantedScope(need.status, {
    fixed: options.scope,
    challenged: challenge.scope,
    supported: found.scopesSupported,
    before,
  })
  const scope = withOfflineAccess(wanted, server)
  const proven = need.status === 403 && before !== undefined
  return { url, profile, resource: found.resource, server, scope, supported: found.scopesSupported, proven }
}

interface ScopeSources {
  fixed: string | undefined
  challenged: string | undefined
  supported: string | undefined
  before: Pick<Known, 'scope'> | undefined
}

/**
 * The scope to ask for. At a 401: what the person fixed, else the challenge's, else the resource's, with what was
 * asked for before. At a 403: what was asked for before and what the challenge adds. Undefined leaves it out.
 */
export function wantedScope(status: 401 | 403, sources: ScopeSources): string | undefined {
  const { fixed, challenged, supported, before } = sources
  if (status === 403) return unionOfScopes(fixed, before?.scope, challenged)
  return fixed ?? unionOfScopes(challenged ?? supported, before?.scope)
}

/** Where the server knows the scope that brings a refresh token, it is asked for; never elsewhere. */
const withOfflineAccess = (scope: string | undefined, server: ServerMetadata): string | undefined =>
  scope !== undefined && listed(server, 'scopes_supported')?.includes('offline_access')
    ? unionOfScopes(scope, 'offline_access')
    : scope

/** The login that tokens make. */
export function credentialFrom(found: Found, clientId: string, tokens: TokenSet): Credential {
  const { url, profile, resource, server, scope } = found
  const revocation = server.revocation_endpoint
  return {
    loginId: randomUUID(),
    url: url.href,
    profile,
    resource,
    issuer: server.issuer,
    clientId,
    scope,
    tokenEndpoint: server.token_endpoint,
    revocationEndpoint: typeof revocation === 'string' ? revocation : undefined,
    ...tokens,
  }
}
