import { createHash } from 'node:crypto'
import type { Request as Incoming, Response as Outgoing } from 'express'
import { canonicalResource, prepareAuthorization } from '../auth/authorization.js'
import { RegistrationError, registerClient } from '../auth/registration.js'
import { type Auth, PAGES } from '../auth/server.js'
import {
  formBody,
  navigationHeaders,
  type Problem,
  passCookies,
  rawQuery,
  sendAnswer,
  sendProblem,
} from './web.js'

/** Clients that nobody has granted anything yet; more than these are refused until some expire. */
const MAX_UNUSED_CLIENTS = 1000

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

const CLIENT_AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post']

/** Our words for what is wrong with an authorization request; the query's own are not shown. */
const PROBLEMS: Record<string, string> = {
  invalid_client: 'The program that sent you here is not known to this server any more. Connect it again.',
  client_disabled: 'The program that sent you here may not connect to this server.',
  invalid_redirect: 'The program that sent you here asked to be answered at an address it did not register.',
  unsupported_response_type: 'The program that sent you here asked for an answer this server does not give.',
}

const problem = (message: string): Problem => ({ status: 400, title: 'This request cannot be used', message })

const oauthError = (res: Outgoing, status: number, error: string, description: string): void => {
  res.status(status).set('cache-control', 'no-store').json({ error, error_description: description })
}

/** The endpoints that clients speak to: authorize, token, revoke, register, metadata, keys. */
export function createOAuth({ auth }: { auth: Auth }) {
  const underway = new Map<string, Promise<unknown>>()

  async function authorize(req: Incoming, res: Outgoing): Promise<void> {
    const prepared = prepareAuthorization(new URLSearchParams(rawQuery(req)), auth.urls.resource)
    if (typeof prepared === 'string') return sendProblem(res, problem(prepared))
    const answer = await auth.handle(`/auth/oauth2/authorize?${prepared.query}`, {
      headers: navigationHeaders(req),
    })
    const location = answer.headers.get('location')
    const failed = location?.startsWith(`${auth.backendUrl}${PAGES.error}`)
    if (!location || failed) {
      const code = new URLSearchParams(location?.split('?')[1]).get('error') ?? ''
      return sendProblem(
        res,
        problem(PROBLEMS[code] ?? 'The program that sent you here made a request that is not complete.'),
      )
    }
    passCookies(res, answer)
    const page = [PAGES.signIn, PAGES.consent].find((path) => location.startsWith(`${path}?`))
    res.redirect(302, prepared.silent && page ? silentAnswer(prepared.query, page) : location)
  }

  /** OpenID Connect Core §3.1.2.6: a request that asked for no page gets the reason. Its redirect was checked. */
  function silentAnswer(query: URLSearchParams, page: string): string {
    const target = new URL(query.get('redirect_uri') ?? '')
    target.searchParams.set('error', page === PAGES.signIn ? 'login_required' : 'consent_required')
    const state = query.get('state')
    if (state) target.searchParams.set('state', state)
    target.searchParams.set('iss', auth.urls.issuer)
    return target.href
  }

  /** Requests that spend the same code or refresh token run one after another: the later get the same answer or a no. */
  function inTurn<T>(secret: string, work: () => Promise<T>): Promise<T> {
    const key = createHash('sha256').update(secret).digest('base64url')
    const run = (underway.get(key) ?? Promise.resolve()).then(work, work)
    const settled = run
      .catch(() => undefined)
      .finally(() => underway.get(key) === settled && underway.delete(key))
    underway.set(key, settled)
    return run
  }

  async function token(req: Incoming, res: Outgoing): Promise<void> {
    const form = formBody(req)
    const repeated = [...new Set(form.keys())].find(
      (name) => name !== 'resource' && form.getAll(name).length > 1,
    )
    if (repeated) return oauthError(res, 400, 'invalid_request', `${repeated} is there more than once`)
    const resources = form.getAll('resource').map((value) => canonicalResource(value, auth.urls.resource))
    form.delete('resource')
    for (const resource of new Set(resources)) form.append('resource', resource)
    const spent = form.get('refresh_token') ?? form.get('code') ?? ''
    const answer = await inTurn(spent, () => auth.handle('/auth/oauth2/token', clientRequest(req, form)))
    if (answer.status !== 401) return sendAnswer(res, answer)
    const body = (await answer.json().catch(() => ({}))) as { error?: string; error_description?: string }
    // RFC 7636 §4.6: a verifier that does not match is invalid_grant, not a failed authentication.
    if (body.error === 'invalid_request') oauthError(res, 400, 'invalid_grant', body.error_description ?? '')
    else oauthError(res, 401, body.error ?? 'invalid_client', body.error_description ?? '')
  }

  async function revoke(req: Incoming, res: Outgoing): Promise<void> {
    const answer = await auth.handle('/auth/oauth2/revoke', clientRequest(req, formBody(req)))
    const { error } = (await answer
      .clone()
      .json()
      .catch(() => ({}))) as { error?: string }
    // RFC 7009 §2.2: a token that is unknown is as good as revoked.
    const unknown = answer.status === 400 && error !== 'unsupported_token_type' && error !== 'invalid_client'
    if (unknown && formBody(req).get('token')) res.status(200).set('cache-control', 'no-store').json({})
    else await sendAnswer(res, answer)
  }

  const clientRequest = (req: Incoming, form: URLSearchParams): RequestInit => ({
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...(req.headers.authorization ? { authorization: req.headers.authorization } : {}),
    },
    body: form.toString(),
  })

  async function register(req: Incoming, res: Outgoing): Promise<void> {
    if ((await auth.store.clients.countUnused()) >= MAX_UNUSED_CLIENTS) {
      res.set('retry-after', '3600')
      return oauthError(res, 429, 'temporarily_unavailable', 'Too many clients are waiting to be used.')
    }
    try {
      res
        .status(201)
        .set('cache-control', 'no-store')
        .json(await registerClient(auth, req.body))
    } catch (error) {
      if (!(error instanceof RegistrationError)) throw error
      oauthError(res, 400, error.code, error.message)
    }
  }

  async function metadata(_req: Incoming, res: Outgoing): Promise<void> {
    const answer = await auth.handle('/.well-known/oauth-authorization-server/auth')
    const known = (await answer.json()) as Record<string, unknown>
    const all: Record<string, unknown> = {
      ...known,
      registration_endpoint: `${auth.urls.issuer}/oauth2/register`,
      token_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
      revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
    }
    const shown = Object.fromEntries(METADATA.filter((name) => name in all).map((name) => [name, all[name]]))
    res.set('cache-control', 'public, max-age=300').json(shown)
  }

  async function jwks(_req: Incoming, res: Outgoing): Promise<void> {
    const keys = await auth.store.keys.list()
    const published = keys.map((key) => ({
      ...JSON.parse(key.publicKey),
      kid: key.id,
      alg: key.alg,
      use: 'sig',
    }))
    res.set('cache-control', 'public, max-age=60').json({ keys: published })
  }

  return { authorize, token, revoke, register, metadata, jwks }
}
