import { createHash } from 'node:crypto'
import type { Request as Incoming, Response as Outgoing } from 'express'
import { canonicalResource } from '../auth/authorization.js'
import type { Auth } from '../auth/server.js'
import { formBody, sendAnswer, sendOAuthError } from './web.js'

interface OAuthBody {
  error?: string
  error_description?: string
}

const bodyOf = async (answer: Response): Promise<OAuthBody> => {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined)
  return typeof body === 'object' && body !== null ? body : {}
}

/** The parameters of RFC 6749 §4.1.3, §6 and §2.3.1, RFC 7636, RFC 8707 and RFC 7009. */
const PARAMETERS = new Set([
  ...['grant_type', 'code', 'redirect_uri', 'code_verifier', 'refresh_token', 'scope', 'resource'],
  ...['client_id', 'client_secret', 'token', 'token_type_hint'],
])

/** RFC 6749 §3.2: what is unknown is ignored. The library behind would make every name a key of an object. */
const known = (form: URLSearchParams): URLSearchParams =>
  new URLSearchParams([...form].filter(([name]) => PARAMETERS.has(name)))

/** What a client sent, as the authorization server takes it: its form and its own credentials, no cookie. */
const clientRequest = (req: Incoming, form: URLSearchParams): RequestInit => ({
  method: 'POST',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
    ...(req.headers.authorization ? { authorization: req.headers.authorization } : {}),
  },
  body: known(form).toString(),
})

/** What stands for a secret where it may be seen. */
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/**
 * The token endpoint (RFC 6749 §3.2): codes and refresh tokens, each spent by one request at a time, whichever
 * node it reaches; the later get the same answer, or a no.
 */
export function createToken({ auth }: { auth: Auth }) {
  return async (req: Incoming, res: Outgoing): Promise<void> => {
    const form = formBody(req)
    const repeated = [...new Set(form.keys())].find(
      (name) => name !== 'resource' && form.getAll(name).length > 1,
    )
    if (repeated) return sendOAuthError(res, 400, 'invalid_request', `${repeated} is there more than once`)
    const resources = form.getAll('resource').map((value) => canonicalResource(value, auth.urls.resource))
    form.delete('resource')
    for (const resource of new Set(resources)) form.append('resource', resource)
    const spent = form.get('refresh_token') ?? form.get('code') ?? ''
    const answer = await auth.store.alone(`zuko-mcp: token ${digest(spent)}`, () =>
      auth.handle('/auth/oauth2/token', clientRequest(req, form)),
    )
    const { error, error_description = '' } = await bodyOf(answer)
    // RFC 7636 §4.6: a verifier that does not match is invalid_grant, not a failed authentication.
    if (answer.status === 401 && error === 'invalid_request') {
      return sendOAuthError(res, 400, 'invalid_grant', error_description)
    }
    await sendAnswer(res, answer)
  }
}

/** The revocation endpoint (RFC 7009). */
export const createRevoke =
  ({ auth }: { auth: Auth }) =>
  async (req: Incoming, res: Outgoing): Promise<void> => {
    const answer = await auth.handle('/auth/oauth2/revoke', clientRequest(req, formBody(req)))
    const { error } = await bodyOf(answer)
    // RFC 7009 §2.2: a token that is unknown is as good as revoked.
    const unknown = answer.status === 400 && error !== 'unsupported_token_type' && error !== 'invalid_client'
    if (unknown && formBody(req).get('token')) res.status(200).set('cache-control', 'no-store').json({})
    else await sendAnswer(res, answer)
  }
