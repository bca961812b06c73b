import { createHash, randomBytes } from 'node:crypto'
import { type Callback, openCallback } from './callback.js'
import type { LoginContext } from './context.js'
import { type Grants, openGrants } from './grants.js'
import { readJson } from './oauth-fetch.js'
import type { Found } from './preparation.js'
import { asClient, fixedClient, type OAuthClient, register, rememberedClient } from './registration.js'
import { safeUrl } from './safe-url.js'
import type { PendingLogin } from './token-cache.js'

/** One visit of a person to the authorization server, ready to be answered. */
export interface Visit {
  pending: PendingLogin
  grants: Grants
  callback: Callback
}

/**
 * The sign-in that a sibling started and left, if its own port is free and it still fits what is needed. The person
 * may come back at any moment: once the port listens, nothing is waited for before the answer is expected.
 */
export async function resumeVisit(context: LoginContext, found: Found): Promise<Visit | undefined> {
  const { cache, options } = context
  const pending = await cache.pending()
  const { resource, server, scope } = found
  const fits = pending?.issuer === server.issuer && pending.resource === resource && pending.scope === scope
  if (!pending || !fits || options.now() >= pending.until) return undefined
  const fixed = await fixedClient(options, server)
  const registered = fixed ? undefined : await cache.registration(server.issuer)
  const client = fixed ?? (registered && asClient(registered))
  if (client?.clientId !== pending.clientId) return undefined
  const grants = await grantsFor(context, found, client)
  const callback = await openCallback(portOf(pending.redirectUri), true).catch(() => undefined)
  return callback && { pending, callback, grants }
}

const portOf = (redirectUri: string): number => Number(new URL(redirectUri).port)

const grantsFor = (
  { fetch, options }: LoginContext,
  { server }: Found,
  client: OAuthClient,
): Promise<Grants> => openGrants(server, client, { fetch, now: options.now })

/** A new sign-in: a callback that listens, a client that the server knows, a request with secrets of its own. */
export async function beginVisit(context: LoginContext, found: Found): Promise<Visit> {
  const { cache, options } = context
  const { server, scope } = found
  const fixed = await fixedClient(options, server)
  const remembered = fixed ? undefined : await rememberedClient(cache, server.issuer, options.now())
  const port = options.callbackPort ?? (remembered ? portOf(remembered.redirectUri) : 0)
  const callback = await openCallback(port, options.callbackPort !== undefined)
  try {
    const { redirectUri } = callback
    if (remembered) {
      const grants = await grantsFor(context, found, asClient(remembered))
      const moved = remembered.redirectUri !== redirectUri
      const proven = found.proven && !moved
      if (proven || (await isWelcome(context, authorization(found, grants, redirectUri).url, moved))) {
        return visit(context, found, grants, remembered.clientId, callback)
      }
    }
    const client =
      fixed ?? (await register(context.fetch, cache, server, { redirectUri, scope, device: false }))
    return visit(context, found, await grantsFor(context, found, client), client.clientId, callback)
  } catch (error) {
    callback.close()
    throw error
  }
}

function visit(
  { options }: LoginContext,
  found: Found,
  grants: Grants,
  clientId: string,
  callback: Callback,
): Visit {
  const { redirectUri } = callback
  const { url, state, verifier } = authorization(found, grants, redirectUri)
  const { resource, scope, server } = found
  const until = options.now() + options.authTimeoutMs
  const pending: PendingLogin = {
    authorizationUrl: url.href,
    state,
    verifier,
    issuer: server.issuer,
    clientId,
    redirectUri,
    resource,
    scope,
    until,
    shown: false,
  }
  return { pending, grants, callback }
}

/** An authorization request with secrets of its own: PKCE (RFC 7636), `state`, `resource` (RFC 8707). */
function authorization(found: Found, grants: Grants, redirectUri: string) {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(32).toString('base64url')
  const { resource, scope, server } = found
  const url = grants.authorizationUrl({
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
    ...(scope === undefined ? {} : { scope }),
    ...(scope?.split(' ').includes('offline_access') ? { prompt: 'consent' } : {}),
  })
  return {
    url: safeUrl(url.href, 'authorization_endpoint', found.url),
    state,
    verifier,
    issuer: server.issuer,
  }
}

/**
 * Whether a client from an earlier login is still known, asked with a request that nobody will answer: a server
 * that has forgotten it says so on a page, which only the person would see. A redirect address that has moved
 * is fine where the port may vary (RFC 8252 section 7.3), which being sent onwards shows.
 */
async function isWelcome({ fetch }: LoginContext, url: URL, moved: boolean): Promise<boolean> {
  const response = await fetch(url, { headers: { accept: 'text/html' } })
  const to = await onwards(response, url)
  if (UNWELCOME.includes(to?.searchParams.get('error') ?? '')) return false
  if (moved) return to !== undefined
  return response.status < 400 || response.status >= 500 || response.status === 429
}

const UNWELCOME = ['invalid_client', 'unauthorized_client', 'invalid_redirect', 'invalid_redirect_uri']

/** Where a browser would be sent; a script is told so in JSON by some servers. */
async function onwards(response: Response, base: URL): Promise<URL | undefined> {
  const { body } = await readJson(response)
  const to = response.headers.get('location') ?? body?.url
  return typeof to === 'string' && URL.canParse(to, base.href) ? new URL(to, base) : undefined
}
