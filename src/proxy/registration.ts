import { readFile } from 'node:fs/promises'
import { ZukoError } from '../errors.js'
import { listed, type ServerMetadata } from './discovery.js'
import { type Fetch, readJson } from './oauth-fetch.js'
import type { AuthMethod, Registration, TokenCache } from './token-cache.js'
import type { ProxyOptions } from './types.js'

/** Who we are at one authorization server. */
export interface OAuthClient {
  clientId: string
  /** A secret, or the PEM of a private key. */
  clientSecret?: string | undefined
  authMethod: AuthMethod
  /** `dynamic`: registered by us and remembered, so it can be registered anew. */
  origin: 'given' | 'document' | 'dynamic'
}

export type ClientOptions = Pick<ProxyOptions, 'clientId' | 'clientSecretFile' | 'clientMetadataUrl' | 'url'>

/** The client that needs no registration: the given one, else the document's where the server reads those. */
export async function fixedClient(
  options: ClientOptions,
  server: ServerMetadata,
): Promise<OAuthClient | undefined> {
  if (options.clientId) return givenClient(options.clientId, options.clientSecretFile, server)
  const { clientMetadataUrl } = options
  if (!clientMetadataUrl || server.client_id_metadata_document_supported !== true) return undefined
  const document = URL.canParse(clientMetadataUrl) ? new URL(clientMetadataUrl) : undefined
  if (document?.protocol !== 'https:' || document.pathname === '/' || document.hash) {
    throw new ZukoError('USAGE', `${clientMetadataUrl} is no address of a client metadata document.`, {
      fix: 'pass an https address with a path, without a fragment',
    })
  }
  return { clientId: clientMetadataUrl, authMethod: 'none', origin: 'document' }
}

async function givenClient(
  clientId: string,
  secretFile: string | undefined,
  server: ServerMetadata,
): Promise<OAuthClient> {
  if (!secretFile) return { clientId, authMethod: 'none', origin: 'given' }
  const clientSecret = await readSecret(secretFile)
  if (clientSecret.startsWith('-----BEGIN')) {
    return { clientId, clientSecret, authMethod: 'private_key_jwt', origin: 'given' }
  }
  return { clientId, clientSecret, authMethod: secretMethod(server), origin: 'given' }
}

async function readSecret(path: string): Promise<string> {
  try {
    const secret = (await readFile(path, 'utf8')).trim()
    if (secret) return secret
  } catch (error) {
    throw new ZukoError('FAILED', `The client secret file ${path} cannot be read.`, {
      fix: 'pass a readable file to --client-secret-file',
      cause: error,
    })
  }
  throw new ZukoError('FAILED', `The client secret file ${path} is empty.`, {
    fix: 'write the secret, or the PEM of a private key, into it',
  })
}

/** RFC 8414: a server that lists no methods takes client_secret_basic. */
function secretMethod(server: ServerMetadata): AuthMethod {
  const methods = listed(server, 'token_endpoint_auth_methods_supported') ?? ['client_secret_basic']
  return methods.includes('client_secret_basic') || !methods.includes('client_secret_post')
    ? 'client_secret_basic'
    : 'client_secret_post'
}

export const asClient = ({ clientId, clientSecret, authMethod }: Registration): OAuthClient => ({
  clientId,
  clientSecret,
  authMethod,
  origin: 'dynamic',
})

/** The client that was registered before, unless its secret has ended. */
export async function rememberedClient(
  cache: TokenCache,
  issuer: string,
  now: number,
): Promise<Registration | undefined> {
  const found = await cache.registration(issuer)
  return found && now < (found.secretExpiresAt ?? Number.POSITIVE_INFINITY) ? found : undefined
}

export interface RegistrationRequest {
  redirectUri: string
  scope: string | undefined
  device: boolean
}

/**
 * Registers a native client (RFC 7591, RFC 8252) and remembers it.
 * @throws ZukoError FAILED where the server registers nobody or refuses
 */
export async function register(
  fetch: Fetch,
  cache: TokenCache,
  server: ServerMetadata,
  request: RegistrationRequest,
): Promise<OAuthClient> {
  const endpoint = server.registration_endpoint
  if (typeof endpoint !== 'string') {
    throw new ZukoError('FAILED', `${server.issuer} registers no clients by itself.`, {
      fix: 'have one registered there for http://127.0.0.1/callback and pass its id with --client-id',
    })
  }
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(clientMetadata(server, request)),
  })
  const { status, body } = await readJson(response)
  const unavailable = status >= 500 || status === 429
  if (!response.ok || typeof body?.client_id !== 'string') {
    throw new ZukoError(unavailable ? 'UNAVAILABLE' : 'FAILED', refused(server, status), {
      fix: unavailable
        ? 'try again later'
        : 'have a client registered there and pass its id with --client-id',
    })
  }
  const registration = registrationOf(body, server.issuer, request.redirectUri)
  await cache.saveRegistration(registration)
  return asClient(registration)
}

const refused = (server: ServerMetadata, status: number): string =>
  `${server.issuer} did not register a client (status ${status}).`

function clientMetadata(server: ServerMetadata, { redirectUri, scope, device }: RegistrationRequest) {
  const methods = listed(server, 'token_endpoint_auth_methods_supported') ?? ['none']
  const deviceGrant = device ? ['urn:ietf:params:oauth:grant-type:device_code'] : []
  return {
    client_name: 'Zuko MCP proxy',
    application_type: 'native',
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token', ...deviceGrant],
    response_types: ['code'],
    token_endpoint_auth_method: methods.includes('none') ? 'none' : secretMethod(server),
    scope,
  }
}

function registrationOf(body: Record<string, unknown>, issuer: string, redirectUri: string): Registration {
  const {
    client_id,
    client_secret,
    client_secret_expires_at: ends,
    token_endpoint_auth_method: method,
  } = body
  const clientSecret = typeof client_secret === 'string' && client_secret ? client_secret : undefined
  const byPost = method === 'client_secret_post'
  const authMethod: AuthMethod = byPost ? 'client_secret_post' : 'client_secret_basic'
  return {
    issuer,
    clientId: String(client_id),
    clientSecret,
    authMethod: clientSecret && method !== 'none' ? authMethod : 'none',
    redirectUri,
    secretExpiresAt: clientSecret && typeof ends === 'number' && ends > 0 ? ends * 1000 : undefined,
  }
}
