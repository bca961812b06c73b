import type { Request as Incoming, Response as Outgoing } from 'express'
import { RegistrationError, registerClient } from '../auth/registration.js'
import type { Auth } from '../auth/server.js'
import { logAccess } from './access-log.js'
import { sendOAuthError } from './web.js'

/** Clients that nobody has granted anything yet; more than these are refused until some expire. */
const MAX_UNUSED_CLIENTS = 1000
/** Of those before, the sweep has taken what nobody used. */
const UNUSED_FOR_MS = 2 * 86_400_000

const CLIENT_AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post']

/** RFC 8414 members of what we really serve. */
const METADATA = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'jwks_uri',
  'registration_endpoint',
  'revocation_endpoint',
  'scopes_supported',
  'response_types_supported',
  'response_modes_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_methods_supported',
  'code_challenge_methods_supported',
  'authorization_response_iss_parameter_supported',
  'client_id_metadata_document_supported',
]

interface Options {
  auth: Auth
}

/** Dynamic client registration (RFC 7591), open but bounded. */
export const createRegister =
  ({ auth }: Options) =>
  async (req: Incoming, res: Outgoing): Promise<void> => {
    const since = auth.now().getTime() - UNUSED_FOR_MS
    if ((await auth.store.clients.countUnused(since)) >= MAX_UNUSED_CLIENTS) {
      res.set('retry-after', '3600')
      return sendOAuthError(res, 429, 'temporarily_unavailable', 'Too many clients are waiting to be used.')
    }
    try {
      const client = await registerClient(auth, req.body)
      logAccess(auth, req, res, { event: 'registration', outcome: 'ok', clientId: String(client.client_id) })
      res.status(201).set('cache-control', 'no-store').json(client)
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error
      sendOAuthError(res, 400, error.code, error.message)
    }
  }

/** Authorization server metadata (RFC 8414). */
export const createAuthMetadata =
  ({ auth }: Options) =>
  async (_req: Incoming, res: Outgoing): Promise<void> => {
    const answer = await auth.handle('/.well-known/oauth-authorization-server/auth')
    const all: Record<string, unknown> = {
      ...((await answer.json()) as Record<string, unknown>),
      registration_endpoint: `${auth.urls.issuer}/oauth2/register`,
      token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
      revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    }
    const shown = METADATA.filter((name) => name in all).map((name) => [name, all[name]])
    res.set('cache-control', 'public, max-age=300').json(Object.fromEntries(shown))
  }

/** The public keys (RFC 7517). */
export const createJwks =
  ({ auth }: Options) =>
  async (_req: Incoming, res: Outgoing): Promise<void> => {
    const keys = (await auth.store.keys.list()).map(({ id, publicKey, alg }) => ({
      ...JSON.parse(publicKey),
      kid: id,
      alg,
      use: 'sig',
    }))
    res.set('cache-control', 'public, max-age=60').json({ keys })
  }
