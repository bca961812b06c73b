import { randomUUID } from 'node:crypto'
import type { RequestListener } from 'node:http'
import express, { type Request as Incoming, type NextFunction, type Response as Outgoing } from 'express'
import type { Auth } from '../auth/server.js'
import { type ForeignServer, publicUrls } from '../config.js'
import { isZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { ALLOWANCES, type Allowances, authRoutes } from './auth-routes.js'
import type { Endpoint } from './endpoint.js'
import { errorFacts } from './error-facts.js'
import { type Limits, ownLimits } from './limits.js'
import type { LoopDelay } from './loop-delay.js'
import { createMetadata, METADATA_PATHS } from './metadata.js'
import { createOriginCheck, isEndpoint, type OriginCheck } from './origin.js'
import { frontPage, ICON_SVG, ICON_URL, STYLESHEET, STYLESHEET_URL } from './pages.js'
import type { Telemetry } from './telemetry.js'
import { throttleStrangers } from './throttle.js'
import { sendAsset, sendPage, sendProblem } from './web.js'

export interface AppOptions {
  backendUrl: string
  /** Further base URLs that this process is called by: its own, in role `auth`. */
  ownUrls?: readonly string[]
  version: string
  log: Log
  trustProxy: number
  /** Answers whether calls can be served right now. */
  ready(): Promise<boolean>
  /** How late the event loop was lately; the probe of readiness shows it. */
  loopDelay?: () => LoopDelay
  /** Who counts what happens at the authorization server. */
  telemetry?: Telemetry
  /** Roles `all` and `mcp`. */
  endpoint?: Endpoint
  /** Roles `all` and `auth`. */
  auth?: Auth
  /** Per address and account; the defaults unless a test brings its own. */
  allowances?: Allowances
  /** Where they are kept: in this process, unless several nodes share them. */
  limits?: Limits
  /** Another product's authorization server, which the metadata and the front page then name. */
  foreign?: ForeignServer | undefined
  /** Role `mcp`: forwards what belongs to the authorization server. */
  forward?: express.RequestHandler
  demo?: { email: string; password: string }[]
}

/** What any web page may read and any program may call: public documents, and endpoints that take no cookie. */
const PUBLIC_PATHS = new Set([
  ...METADATA_PATHS,
  '/.well-known/oauth-authorization-server/auth',
  '/auth/jwks',
  '/auth/oauth2/token',
  '/auth/oauth2/register',
  '/auth/oauth2/revoke',
])

/** What answers every request: the endpoint its own, without the way through express, and the routes the others. */
export function createApp(options: AppOptions): RequestListener {
  const { backendUrl, ownUrls = [], endpoint } = options
  const check = createOriginCheck({
    baseUrls: [backendUrl, ...ownUrls],
    isPublic: (path) => PUBLIC_PATHS.has(path),
  })
  const app = createRoutes(options, check)
  if (!endpoint) return app
  return (req, res) => {
    if (!isEndpoint(pathOf(req.url ?? ''))) return app(req, res)
    // As express does it: `ip` of a request is then the caller's, through trusted proxies.
    Object.setPrototypeOf(req, app.request)
    check(req, res, () => void endpoint.handle(req, res))
  }
}

/** The route list, in order. */
function createRoutes(options: AppOptions, check: OriginCheck): express.Express {
  const { backendUrl, endpoint, auth, foreign, forward, log } = options
  const urls = publicUrls(backendUrl, foreign)
  const app = express()
  app.disable('x-powered-by').set('trust proxy', options.trustProxy).set('etag', false)
  app.use(identify(log, options.telemetry))
  const limits = options.limits ?? ownLimits(Date.now)
  app.use(throttleStrangers((options.allowances ?? ALLOWANCES).address, limits))
  app.use(check)
  app.get('/healthz', (_req, res) => void res.json({ status: 'ok' }))
  app.get('/readyz', async (_req, res) => {
    const ready = await options.ready()
    const eventLoopDelayMs = options.loopDelay?.()
    res.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready', eventLoopDelayMs })
  })
  if (endpoint) app.all([...METADATA_PATHS], createMetadata(urls, backendUrl, foreign?.scopeNames))
  app.get(pathOf(STYLESHEET_URL), (_req, res) => sendAsset(res, 'css', STYLESHEET))
  app.get([pathOf(ICON_URL), '/favicon.ico'], (_req, res) => sendAsset(res, 'svg', ICON_SVG))
  if (auth) app.use(authRoutes({ auth, publicPaths: PUBLIC_PATHS, allowances: options.allowances, limits }))
  if (forward) app.use(forward)
  if (endpoint) app.get('/', (_req, res) => sendPage(res, 200, front(options)))
  app.use(notFound)
  app.use(failed(log, options.ready))
  return app
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

const front = ({ backendUrl, foreign, version, demo }: AppOptions): string =>
  frontPage({ backendUrl, resource: publicUrls(backendUrl).resource, foreign, version, demo })

/** Gives each request an id, and logs each answer. */
function identify(log: Log, telemetry?: Telemetry): express.RequestHandler {
  return (req, res, next) => {
    const { method, path } = req
    const started = performance.now()
    const requestId = randomUUID()
    Object.assign(res.locals, { requestId, telemetry })
    res.set('X-Request-Id', requestId)
    res.on('finish', () => {
      const ms = Math.round(performance.now() - started)
      log.debug({ requestId, method, path, status: res.statusCode, ms }, 'request')
    })
    next()
  }
}

function notFound(req: Incoming, res: Outgoing): void {
  if (req.accepts(['json', 'html']) === 'html') {
    sendProblem(res, {
      status: 404,
      title: 'Nothing is here',
      message: 'This server has no page at this address.',
    })
  } else res.status(404).json({ error: 'not_found', error_description: 'There is nothing at this address.' })
}

/** What is wrong with a request in its own status; 503 for what will pass, whoever noticed it, and else 500. */
async function statusOf(error: Error & { status?: number }, ready: AppOptions['ready']): Promise<number> {
  if (error.status && error.status >= 400 && error.status < 500) return error.status
  return isZukoError(error, 'UNAVAILABLE') || !(await ready()) ? 503 : 500
}

/** What the caller is told: a title for a person, a code for a program, and a sentence for both. */
function wordsOf(status: number, requestId: string): { title: string; code: string; message: string } {
  if (status === 503)
    return {
      title: 'The store does not answer',
      code: 'temporarily_unavailable',
      message: 'The store does not answer at the moment. Try again in a second.',
    }
  if (status === 500)
    return {
      title: 'Something failed',
      code: 'server_error',
      message: `Something failed here. Reference: ${requestId}`,
    }
  return {
    title: 'This request cannot be used',
    code: 'invalid_request',
    message: 'The request body cannot be used.',
  }
}

/** The last resort, for whatever a route threw. */
function failed(log: Log, ready: AppOptions['ready']) {
  return async (error: Error & { status?: number }, req: Incoming, res: Outgoing, _next: NextFunction) => {
    const status = await statusOf(error, ready)
    const { requestId } = res.locals
    if (status >= 500) log.error({ requestId, path: req.path, ...errorFacts(error) }, 'request failed')
    if (res.headersSent) return void res.destroy()
    if (status === 503) res.set('retry-after', '1')
    const { title, code, message } = wordsOf(status, requestId)
    if (req.accepts(['json', 'html']) === 'html') sendProblem(res, { status, title, message })
    else res.status(status).json({ error: code, error_description: message })
  }
}
