import express, { type Request as Incoming, type Response as Outgoing, type RequestHandler } from 'express'
import { type Auth, PAGES } from '../auth/server.js'
import { createAuthorize } from './authorize.js'
import { createConsent } from './consent.js'
import type { Limits } from './limits.js'
import { createAuthMetadata, createJwks, createRegister } from './oauth.js'
import { createSignIn } from './sign-in.js'
import { throttle } from './throttle.js'
import { createRevoke, createToken } from './token-endpoint.js'
import { sendProblem } from './web.js'

/** Allowances per address of whoever is not signed in, and per account for sign-ins. */
export const ALLOWANCES = {
  /** Everything that needs no token. */
  address: { perSecond: 20, burst: 200 },
  /** Sign-ins from one address. */
  signIn: { perSecond: 0.5, burst: 30 },
  /** Sign-ins to one account, from wherever they come. */
  account: { perSecond: 1 / 30, burst: 10 },
  /** Client registrations from one address. */
  register: { perSecond: 1 / 180, burst: 30 },
}

export type Allowances = typeof ALLOWANCES

const BODY_LIMIT = '16kb'

/** Public endpoints may be called from any web page; none of them reads a cookie. */
function crossOrigin(publicPaths: ReadonlySet<string>): RequestHandler {
  return (req, res, next) => {
    if (!publicPaths.has(req.path)) return next()
    res.set('access-control-allow-origin', '*')
    if (req.method !== 'OPTIONS') return next()
    res.set('access-control-allow-methods', 'GET, POST, OPTIONS')
    res.set('access-control-allow-headers', 'authorization, content-type, mcp-protocol-version')
    res.status(204).end()
  }
}

export interface AuthRoutesOptions {
  auth: Auth
  publicPaths: ReadonlySet<string>
  allowances?: Allowances | undefined
  limits: Limits
}

/** Everything of the authorization server that is reachable from outside. What is not listed does not exist. */
export function authRoutes({
  auth,
  publicPaths,
  allowances = ALLOWANCES,
  limits,
}: AuthRoutesOptions): express.Router {
  const signIn = createSignIn({ auth, accounts: limits('account', allowances.account) })
  const consent = createConsent({ auth })
  const form = express.text({ type: 'application/x-www-form-urlencoded', limit: BODY_LIMIT })
  const json = express.json({ limit: BODY_LIMIT })

  const routes = express.Router()
  routes.use(crossOrigin(publicPaths))
  routes.get('/.well-known/oauth-authorization-server/auth', createAuthMetadata({ auth }))
  routes.get('/auth/jwks', createJwks({ auth }))
  routes.get('/auth/oauth2/authorize', createAuthorize({ auth }))
  routes.post('/auth/oauth2/token', form, createToken({ auth }))
  routes.post('/auth/oauth2/revoke', form, createRevoke({ auth }))
  routes.post(
    '/auth/oauth2/register',
    throttle(limits('register', allowances.register)),
    json,
    createRegister({ auth }),
  )
  routes.get(PAGES.signIn, signIn.show)
  routes.post(PAGES.signIn, fromOurPage, throttle(limits('sign-in', allowances.signIn)), form, signIn.submit)
  routes.post(PAGES.signOut, fromOurPage, form, signIn.signOut)
  routes.get(PAGES.consent, consent.show)
  routes.post(PAGES.consent, fromOurPage, form, consent.submit)
  return routes
}

/**
 * A form that changes something comes from our own page: browsers send Origin with every form, and the origin
 * check has compared it already; here it must be there, or Sec-Fetch-Site say the same.
 */
function fromOurPage(req: Incoming, res: Outgoing, next: () => void): void {
  const ours = req.headers.origin !== undefined || req.headers['sec-fetch-site'] === 'same-origin'
  if (ours) next()
  else
    sendProblem(res, {
      status: 403,
      title: 'This form came from elsewhere',
      message: 'Open the page again and use its own form.',
    })
}
