import { ZukoError } from '../errors.js'
import { type Fetch, getJson } from './oauth-fetch.js'
import { safeUrl } from './safe-url.js'

/** What a 401 or 403 said in `WWW-Authenticate: Bearer` (RFC 6750 section 3, RFC 9728 section 5.1). */
export interface Challenge {
  resourceMetadata?: string
  scope?: string
  error?: string
}

/** Who protects the resource (RFC 9728). */
export interface ProtectedResource {
  resource: string
  issuers: string[]
  scopesSupported?: string | undefined
  /** Where the server has no such metadata, as before 2025-06-18, its own origin is the issuer. */
  assumed: boolean
}

/** Authorization server metadata (RFC 8414); `issuer` and both endpoints were checked. */
export interface ServerMetadata extends Record<string, unknown> {
  issuer: string
  token_endpoint: string
}

/** Reads the Bearer challenge among those of a header; quoted or not, in any order. */
export function parseChallenge(header: string | undefined): Challenge {
  const bearer = /(?:^|,)\s*bearer\s+(.*)$/is.exec(header ?? '')?.[1] ?? ''
  const challenge: Challenge = {}
  const parameter = /\s*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/gy
  for (const match of bearer.matchAll(parameter)) {
    const value = match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? ''
    if (match[1]?.toLowerCase() === 'resource_metadata') challenge.resourceMetadata ??= value
    if (match[1]?.toLowerCase() === 'scope') challenge.scope ??= value
    if (match[1]?.toLowerCase() === 'error') challenge.error ??= value
  }
  return challenge
}

/** Puts a well-known name between host and path (RFC 8414 section 3, RFC 9728 section 3.1). */
const inserted = (url: URL, name: string): string =>
  `${url.origin}/.well-known/${name}${url.pathname.replace(/\/$/, '')}`

/**
 * Finds who protects `url`: the challenge's document, else the well-known one of the path, else of the origin.
 * @throws ZukoError FAILED when the document is about another resource or names no safe issuer
 * @throws ZukoError UNAVAILABLE when nobody answers
 */
export async function discoverResource(
  fetch: Fetch,
  url: URL,
  challenge: Challenge,
  given?: string,
): Promise<ProtectedResource> {
  const named = challenge.resourceMetadata
  const name = 'oauth-protected-resource'
  const places = [
    ...(named === undefined ? [] : [safeUrl(named, 'resource_metadata', url).href]),
    inserted(url, name),
    `${url.origin}/.well-known/${name}`,
  ]
  for (const place of new Set(places)) {
    const { status, body } = await getJson(fetch, place)
    if (status >= 500 || status === 429) throw unavailable(place, status)
    if (status === 200 && body) return protectedResource(body, url, given)
  }
  return { resource: given ?? canonical(url), issuers: [url.origin], assumed: true }
}

const unavailable = (place: string, status: number): ZukoError =>
  new ZukoError('UNAVAILABLE', `${place} answers ${status}.`, { fix: 'try again later' })

function canonical(url: URL): string {
  const bare = new URL(url)
  bare.hash = ''
  return bare.pathname === '/' && !bare.search ? bare.origin : bare.href
}

function protectedResource(
  body: Record<string, unknown>,
  url: URL,
  given: string | undefined,
): ProtectedResource {
  const { resource, authorization_servers: issuers, scopes_supported: scopes } = body
  if (typeof resource !== 'string' || (resource !== given && !isWithin(url, resource))) {
    throw new ZukoError('FAILED', `The metadata of ${url.href} is about another resource.`, {
      fix: 'its "resource" has to be the address that clients use; check the address, or pass --resource',
    })
  }
  const named = Array.isArray(issuers) ? issuers.filter((issuer) => typeof issuer === 'string') : []
  if (named.length === 0) {
    throw new ZukoError('FAILED', `The metadata of ${url.href} names no authorization server.`, {
      fix: 'the server has to list one under "authorization_servers"',
    })
  }
  const scopesSupported = Array.isArray(scopes)
    ? scopes.filter((scope) => typeof scope === 'string').join(' ') || undefined
    : undefined
  return { resource: given ?? resource, issuers: named, scopesSupported, assumed: false }
}

/** A resource protects its own address and what lies below it on the same origin. */
function isWithin(url: URL, resource: string): boolean {
  if (!URL.canParse(resource)) return false
  const { origin, pathname, hash } = new URL(resource)
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
  return origin === url.origin && hash === '' && `${url.pathname}/`.startsWith(folder)
}

/**
 * Reads the metadata of an authorization server in the specification's order. Its `issuer` must be the issuer
 * that was asked for, character for character (RFC 8414 section 3.3), else nothing in it is used.
 * @throws ZukoError FAILED, or UNAVAILABLE when nobody answers
 */
export async function discoverServer(
  fetch: Fetch,
  issuer: string,
  url: URL,
  assumed: boolean,
): Promise<ServerMetadata> {
  const at = safeUrl(issuer, 'issuer', url)
  const insertedPlaces = ['oauth-authorization-server', 'openid-configuration'].map((name) =>
    inserted(at, name),
  )
  const appended = `${at.origin}${at.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`
  for (const place of new Set([...insertedPlaces, appended])) {
    const { status, body } = await getJson(fetch, place)
    if (status >= 500 || status === 429) throw unavailable(place, status)
    if (status === 200 && body) return serverMetadata(body, issuer, url, assumed)
  }
  throw new ZukoError('FAILED', `${issuer} has no authorization server metadata.`, {
    fix: assumed
      ? `${url.href} describes no way to sign in; check the address`
      : `the server has to publish it at ${insertedPlaces[0]}`,
  })
}

function serverMetadata(
  body: Record<string, unknown>,
  issuer: string,
  url: URL,
  assumed: boolean,
): ServerMetadata {
  const same = body.issuer === issuer || (assumed && body.issuer === `${issuer}/`)
  if (!same || typeof body.issuer !== 'string') {
    throw new ZukoError(
      'FAILED',
      `The metadata of the authorization server ${issuer} names another issuer.`,
      {
        fix: 'its "issuer" has to equal that address character for character',
      },
    )
  }
  for (const field of ENDPOINTS) if (body[field] !== undefined) safeUrl(body[field], field, url)
  const token = safeUrl(body.token_endpoint, 'token_endpoint', url).href
  return { ...body, issuer: body.issuer, token_endpoint: token }
}

const ENDPOINTS = [
  'authorization_endpoint',
  'registration_endpoint',
  'revocation_endpoint',
  'device_authorization_endpoint',
  'jwks_uri',
]

/** The strings of a metadata field that lists some; undefined where it is missing. */
export function listed(server: ServerMetadata, field: string): string[] | undefined {
  const value = server[field]
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined
}

/**
 * RFC 7636: a server that does not say it checks S256 might check nothing.
 * @throws ZukoError FAILED
 */
export function requirePkce(server: ServerMetadata): void {
  if (listed(server, 'code_challenge_methods_supported')?.includes('S256')) return
  throw new ZukoError('FAILED', `${server.issuer} does not say that it checks PKCE with S256.`, {
    fix: 'the server has to list S256 under "code_challenge_methods_supported"',
  })
}
