import { setTimeout as sleep } from 'node:timers/promises'
import type { Request as Incoming, Response as Outgoing } from 'express'
import { canonicalResource, hasControls } from '../auth/authorization.js'
import { codeProblem, findLogin } from '../auth/logins.js'
import type { Auth } from '../auth/server.js'
import { logAccess } from './access-log.js'
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
  body: form.toString(),
})

/** The client that a request speaks for, whether it proves that or not: HTTP Basic, or the form (RFC 6749 §2.3.1). */
function clientIdOf(req: Incoming, form: URLSearchParams): string | null {
  const basic = /^basic +([\w+/=-]+)$/i.exec(req.headers.authorization ?? '')?.[1]
  if (!basic) return form.get('client_id')
  const [id = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':', 1)
  return new URLSearchParams(`id=${id}`).get('id')
}

/** The form of a request, or why it cannot be one: no parameter comes twice (RFC 6749 §3.2), none hides a control. */
function readForm(req: Incoming): URLSearchParams | string {
  const form = formBody(req)
  const names = [...new Set(form.keys())]
  const repeated = names.find((name) => name !== 'resource' && form.getAll(name).length > 1)
  if (repeated !== undefined) return 'a parameter is there more than once'
  if (hasControls(form)) return 'a parameter has a control character'
  return known(form)
}

const PATIENCE = 10
const PAUSE_MS = 50

/** Asks again while another process has spent the refresh token and not yet written down what it answered. */
async function ask(auth: Auth, secret: string, handle: () => Promise<Response>) {
  for (let attempt = 1; ; attempt += 1) {
    const login = await findLogin(auth, secret)
    const answer = await handle()
    const again = answer.status === 400 && attempt < PATIENCE && (await login.overtaken())
    if (!again) return { answer, login }
    await sleep(PAUSE_MS)
  }
}

/**
 * Lets the authorization server answer about a code or a refresh token, and sees to it that a login which that
 * ended is over. What one login is asked for happens in one order, whichever node it reaches.
 */
async function forLogin(auth: Auth, secret: string, path: string, init: RequestInit) {
  const { id } = await findLogin(auth, secret)
  return auth.store.alone(`zuko-mcp: login ${id}`, async () => {
    const { answer, login } = await ask(auth, secret, () => auth.handle(path, init))
    const { error, error_description: description = '' } = await bodyOf(answer)
    return { answer, error, description, ended: await login.settle(), userId: login.userId }
  })
}

/** The token endpoint (RFC 6749 §3.2): codes and refresh tokens, each spent by one request at a time. */
export const createToken =
  ({ auth }: { auth: Auth }) =>
  async (req: Incoming, res: Outgoing): Promise<void> => {
    const form = readForm(req)
    if (typeof form === 'string') return sendOAuthError(res, 400, 'invalid_request', form)
    const resources = form.getAll('resource').map((value) => canonicalResource(value, auth.urls.resource))
    form.delete('resource')
    for (const resource of new Set(resources)) form.append('resource', resource)
    const clientId = clientIdOf(req, form) ?? undefined
    const refuse = (error: string, description: string, userId?: number) => {
      logAccess(auth, req, res, { event: 'token', outcome: error, userId, clientId })
      sendOAuthError(res, 400, error, description)
    }
    const problem = form.has('code') && (await codeProblem(auth, form, clientId))
    if (problem) return refuse(problem.error, problem.description)
    const secret = form.get('refresh_token') ?? form.get('code') ?? ''
    const done = await forLogin(auth, secret, '/auth/oauth2/token', clientRequest(req, form))
    const { answer, error, description, userId } = done
    if (done.ended) return refuse('invalid_grant', 'the login was ended', userId)
    // RFC 7636 §4.6: a verifier that does not match is invalid_grant, not a failed authentication.
    if (answer.status === 401 && error === 'invalid_request') return refuse('invalid_grant', description)
    logAccess(auth, req, res, { event: 'token', outcome: error ?? 'ok', userId, clientId })
    await sendAnswer(res, answer)
  }

/** The revocation endpoint (RFC 7009): a refresh token ends its login. */
export const createRevoke =
  ({ auth }: { auth: Auth }) =>
  async (req: Incoming, res: Outgoing): Promise<void> => {
    const form = readForm(req)
    if (typeof form === 'string') return sendOAuthError(res, 400, 'invalid_request', form)
    const secret = form.get('token') ?? ''
    const done = await forLogin(auth, secret, '/auth/oauth2/revoke', clientRequest(req, form))
    const { answer, error, userId } = done
    const clientId = clientIdOf(req, form) ?? undefined
    logAccess(auth, req, res, {
      event: 'revocation',
      outcome: done.ended ? 'ok' : 'nothing',
      userId,
      clientId,
    })
    // RFC 7009 §2.2: a token that is unknown is as good as revoked.
    const unknown = answer.status === 400 && error !== 'unsupported_token_type' && error !== 'invalid_client'
    if (unknown && secret) res.status(200).set('cache-control', 'no-store').json({})
    else await sendAnswer(res, answer)
  }
