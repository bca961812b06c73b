import { createDocumentFetch } from '../auth/document-fetch.js'
import { createAuth } from '../auth/server.js'
import { authUrlOrDefault, loadSecret, publicUrls } from '../config.js'
import { DEMO_PASSWORD, DEMO_PEOPLE, seedDemo } from '../demo.js'
import type { Log } from '../log.js'
import { type OpenStore, openStore, type Siblings } from '../store/open.js'
import { createApp } from './app.js'
import { ALLOWANCES } from './auth-routes.js'
import { keysElsewhere } from './authority.js'
import { documentBudget } from './document-budget.js'
import { createEndpoint, type Endpoint } from './endpoint.js'
import { errorFacts } from './error-facts.js'
import { createForward } from './forward.js'
import { createGuard } from './guard.js'
import { localKeys } from './key-source.js'
import { createLimits, type Limits, watchedLimits } from './limits.js'
import { listen } from './listen.js'
import { watchLoop } from './loop-delay.js'
import { shedding } from './overload.js'
import type { RemoteKeys } from './remote-keys.js'
import type { Settings } from './settings.js'
import { SILENT, type Telemetry } from './telemetry.js'

export interface ServerOptions extends Settings {
  port?: number | undefined
  host?: string | undefined
  log: Log
  version: string
  signal: AbortSignal
  /** Where other processes serve beside this one. */
  siblings?: Siblings
  /** Who watches. */
  telemetry: Telemetry
  /** Called once calls are taken. */
  serving(): void
}

const SWEEP_EVERY_MS = 10 * 60 * 1000
const DRAIN_MS = 10_000
const now = () => new Date()

/**
 * One process that serves, until `signal` aborts; then it is not ready any more, takes no new connection, lets
 * calls in flight finish (10 s), and closes the store.
 * @throws ZukoError CONFIGURATION or FAILED when it cannot start
 */
export async function runServer(options: ServerOptions): Promise<void> {
  const { config, role, log, siblings } = options
  const secret = role === 'mcp' ? undefined : loadSecret(config)
  const open = () => openStore(config.database, { log, siblings })
  const store = await (siblings ? siblings.alone('zuko-mcp: open', open) : open())
  try {
    await serve(store, secret, options)
  } finally {
    await store.close()
  }
}

/** `secret` is there for the roles that have an authorization server. */
async function serve(store: OpenStore, secret: string | undefined, options: ServerOptions): Promise<void> {
  const { config, role, log, signal, telemetry } = options
  const own = createLimits(store)
  const limits = telemetry === SILENT ? own : watchedLimits(own, telemetry.limited)
  const auth = secret && (await startAuth(store, secret, limits, options))
  const keys = role === 'mcp' ? keysElsewhere(config, log) : undefined
  const endpoint = role === 'auth' ? undefined : createMcpEndpoint(store, keys, limits, options)
  const ownUrl = role === 'auth' ? authUrlOrDefault(config) : config.backendUrl
  const loop = watchLoop()
  telemetry.observe({ size: store.size, loopDelay: loop.delay })
  const app = createApp({
    backendUrl: config.backendUrl,
    ownUrls: [ownUrl],
    version: options.version,
    log,
    trustProxy: config.trustProxy,
    limits,
    foreign: config.foreign,
    ready: async () =>
      !signal.aborted && (await answers(store)) && (!config.foreign || !keys || (await keys.ready())),
    loopDelay: loop.delay,
    telemetry,
    ...(endpoint ? { endpoint } : {}),
    ...(auth ? { auth } : {}),
    ...(role === 'mcp' && !config.foreign
      ? { forward: createForward({ backendUrl: config.backendUrl, authUrl: authUrlOrDefault(config), log }) }
      : {}),
    ...(options.demo ? { demo: DEMO_PEOPLE.map(({ email }) => ({ email, password: DEMO_PASSWORD })) } : {}),
  })
  const listening = await listen(shedding(app, log, undefined, telemetry.shed), {
    url: ownUrl,
    port: options.port,
    host: options.host,
  })
  const sweeping = setInterval(() => void sweep(store, log), SWEEP_EVERY_MS).unref()
  log.info({ role, url: ownUrl, port: listening.port }, 'serving')
  options.serving()
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(sweeping)
  loop.close()
  log.info('draining')
  await Promise.all([listening.close(DRAIN_MS), endpoint?.drain(DRAIN_MS)])
  await endpoint?.close()
  log.info('stopped')
}

/** The authorization server, and with `--demo` the people who sign in at it and their tasks. */
async function startAuth(
  store: OpenStore,
  secret: string,
  limits: Limits,
  { config, demo, log }: ServerOptions,
) {
  const { backendUrl, clientDocuments } = config
  const documents = clientDocuments
    ? { fetch: createDocumentFetch(), allow: documentBudget(limits) }
    : undefined
  const auth = await createAuth({ store, backendUrl, secret, log, now, documents })
  if (demo) await store.alone('zuko-mcp: demo', () => seedDemo(store, auth, now()))
  return auth
}

function createMcpEndpoint(
  store: OpenStore,
  elsewhere: RemoteKeys | undefined,
  limits: Limits,
  { config, log, version, telemetry }: ServerOptions,
): Endpoint {
  const { foreign } = config
  const urls = publicUrls(config.backendUrl, foreign)
  const guard = createGuard({
    urls,
    authUrl: elsewhere && authUrlOrDefault(config),
    foreign,
    keys: elsewhere ?? localKeys(store.keys),
    principals: store.principals,
    now,
    log,
  })
  const rateLimit = config.rateLimit ? limits('calls', config.rateLimit) : undefined
  const strangers = limits('strangers', ALLOWANCES.address)
  return createEndpoint({
    ...{ urls, store, guard, rateLimit, strangers, log, now, version, telemetry },
    scopeNames: foreign?.scopeNames,
  })
}

const answers = (store: OpenStore): Promise<boolean> =>
  store.ping().then(
    () => true,
    () => false,
  )

async function sweep(store: OpenStore, log: Log): Promise<void> {
  try {
    const removed = await store.sweep(Date.now())
    if (removed > 0) log.info({ removed }, 'expired rows removed')
  } catch (error) {
    log.warn(errorFacts(error), 'sweep failed')
  }
}
