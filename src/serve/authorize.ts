import type { Request as Incoming, Response as Outgoing } from 'express'
import { prepareAuthorization } from '../auth/authorization.js'
import { type Auth, PAGES } from '../auth/server.js'
import { navigationHeaders, type Problem, passCookies, rawQuery, sendProblem } from './web.js'

/** Our words for what is wrong with an authorization request; the query's own are not shown. */
const PROBLEMS: Record<string, string> = {
  invalid_client: 'The program that sent you here is not known to this server any more. Connect it again.',
  client_disabled: 'The program that sent you here may not connect to this server.',
  invalid_redirect: 'The program that sent you here asked to be answered at an address it did not register.',
  unsupported_response_type: 'The program that sent you here asked for an answer this server does not give.',
}
const INCOMPLETE = 'The program that sent you here made a request that is not complete.'

const problem = (message: string): Problem => ({
  status: 400,
  title: 'This request cannot be used',
  message,
})

/** OpenID Connect Core §3.1.2.6: a request that asked for no page gets the reason. Its redirect was checked. */
function silentAnswer(query: URLSearchParams, page: string, issuer: string): string {
  const target = new URL(query.get('redirect_uri') ?? '')
  target.searchParams.set('error', page === PAGES.signIn ? 'login_required' : 'consent_required')
  const state = query.get('state')
  if (state) target.searchParams.set('state', state)
  target.searchParams.set('iss', issuer)
  return target.href
}

/** The authorization endpoint: on to sign-in or consent, back to the client, or a page that says what is wrong. */
export const createAuthorize =
  ({ auth }: { auth: Auth }) =>
  async (req: Incoming, res: Outgoing): Promise<void> => {
    const prepared = prepareAuthorization(new URLSearchParams(rawQuery(req)), auth.urls.resource)
    if (typeof prepared === 'string') return sendProblem(res, problem(prepared))
    const answer = await auth.handle(`/auth/oauth2/authorize?${prepared.query}`, {
      headers: navigationHeaders(req),
    })
    const location = answer.headers.get('location')
    if (!location || location.startsWith(`${auth.backendUrl}${PAGES.error}`)) {
      const code = new URLSearchParams(location?.split('?')[1]).get('error') ?? ''
      return sendProblem(res, problem(PROBLEMS[code] ?? INCOMPLETE))
    }
    passCookies(res, answer)
    const page = [PAGES.signIn, PAGES.consent].find((path) => location.startsWith(`${path}?`))
    res.redirect(
      302,
      prepared.silent && page ? silentAnswer(prepared.query, page, auth.urls.issuer) : location,
    )
  }
