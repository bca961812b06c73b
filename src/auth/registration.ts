import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { redirectUriProblem } from './redirect-uri.js'
import { type Auth, GRANT_SCOPES } from './server.js'

const MAX_REDIRECT_URIS = 20
const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post'] as const

/** Names are shown to people and kept by every database: no line breaks, no NUL. */
const NO_CONTROLS = /^\P{Cc}*$/u

const webUrl = z
  .url({ protocol: /^https?$/ })
  .max(2048)
  .regex(NO_CONTROLS)
  .optional()
  .catch(undefined)
const text = (max: number) => z.string().max(max).regex(NO_CONTROLS)
const words = z.array(text(200)).max(20)

/** RFC 7591 §2. What we do not use is ignored, as the RFC allows; what we use is checked. */
const metadata = z.object({
  redirect_uris: z.array(z.string()).min(1).max(MAX_REDIRECT_URIS),
  client_name: text(200).optional(),
  client_uri: webUrl,
  software_id: text(200).optional(),
  software_version: text(100).optional(),
  grant_types: words.optional(),
  response_types: words.optional(),
  token_endpoint_auth_method: z.enum(AUTH_METHODS).default('none'),
  application_type: z.enum(['native', 'web']).optional(),
})

export class RegistrationError extends Error {
  constructor(
    readonly code: 'invalid_redirect_uri' | 'invalid_client_metadata',
    description: string,
  ) {
    super(description)
  }
}

/**
 * The part of a client's metadata that is checked in the same way for a registration and for a Client ID
 * Metadata Document.
 * @throws RegistrationError with the RFC 7591 §3.2.2 code
 */
export function checkMetadata(given: unknown) {
  const parsed = metadata.safeParse(given)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const field = String(issue?.path[0] ?? 'the body')
    const code = field === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata'
    throw new RegistrationError(code, `${field} is missing or not as RFC 7591 describes it`)
  }
  const { data } = parsed
  for (const uri of data.redirect_uris) {
    const problem = redirectUriProblem(uri)
    if (problem) throw new RegistrationError('invalid_redirect_uri', problem)
  }
  if (data.grant_types && !data.grant_types.includes('authorization_code')) {
    throw new RegistrationError('invalid_client_metadata', 'grant_types must include authorization_code')
  }
  if (data.response_types && !data.response_types.includes('code')) {
    throw new RegistrationError('invalid_client_metadata', 'response_types must include code')
  }
  const native = data.redirect_uris.some((uri) => !uri.startsWith('https:'))
  return { ...data, application_type: native ? ('native' as const) : (data.application_type ?? 'native') }
}

export type ClientMetadata = ReturnType<typeof checkMetadata>

/** A client's row as better-auth's adapter takes it. Every client must use PKCE; none skips consent. */
export const clientRow = (clientId: string, data: ClientMetadata, at: Date) => ({
  clientId,
  name: data.client_name ?? null,
  uri: data.client_uri ?? null,
  softwareId: data.software_id ?? null,
  softwareVersion: data.software_version ?? null,
  redirectUris: data.redirect_uris,
  tokenEndpointAuthMethod: data.token_endpoint_auth_method,
  applicationType: data.application_type,
  grantTypes: ['authorization_code', 'refresh_token'],
  responseTypes: ['code'],
  scopes: [...GRANT_SCOPES],
  requirePKCE: true,
  disabled: false,
  createdAt: at,
  updatedAt: at,
})

/** A secret of 256 random bits needs no slow hash; better-auth compares the same digest. */
const secretDigest = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/**
 * Dynamic client registration (RFC 7591). A client is public unless it asks for a secret; redirect URIs on
 * the person's own computer make it native, whatever it says, since most clients say nothing.
 * @returns the body of the 201 answer (RFC 7591 §3.2.1)
 * @throws RegistrationError
 */
export async function registerClient(auth: Auth, given: unknown): Promise<Record<string, unknown>> {
  const data = checkMetadata(given)
  const at = auth.now()
  const clientId = randomBytes(18).toString('base64url')
  const secret = data.token_endpoint_auth_method === 'none' ? null : randomBytes(32).toString('base64url')
  await auth.context.adapter.create({
    model: 'oauthClient',
    data: { ...clientRow(clientId, data, at), ...(secret ? { clientSecret: secretDigest(secret) } : {}) },
  })
  return {
    client_id: clientId,
    client_id_issued_at: Math.floor(at.getTime() / 1000),
    ...(secret ? { client_secret: secret, client_secret_expires_at: 0 } : {}),
    ...(data.client_name === undefined ? {} : { client_name: data.client_name }),
    ...(data.client_uri === undefined ? {} : { client_uri: data.client_uri }),
    redirect_uris: data.redirect_uris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: data.token_endpoint_auth_method,
    application_type: data.application_type,
    scope: GRANT_SCOPES.join(' '),
  }
}
