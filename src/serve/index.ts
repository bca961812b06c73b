import { join } from 'node:path'
import { createDocumentFetch } from '../auth/document-fetch.js'
import { createAuth } from '../auth/server.js'
import {
  authUrlOrDefault,
  type Config,
  dataDirectory,
  isLoopback,
  loadSecret,
  publicUrls,
  type ServeRole,
} from '../config.js'
import { DEMO_PASSWORD, DEMO_PEOPLE, seedDemo } from '../demo.js'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { type OpenStore, openStore } from '../store/open.js'
import { createApp } from './app.js'
import { ALLOWANCES } from './auth-routes.js'
import { keysElsewhere, roleOf } from './authority.js'
import { createEndpoint, type Endpoint } from './endpoint.js'
import { errorFacts } from './error-facts.js'
import { createForward } from './forward.js'
import { createGuard } from './guard.js'
import { localKeys } from './key-source.js'
import { createLimits } from './limits.js'
import { listen } from './listen.js'
import { watchLoop } from './loop-delay.js'
import { shedding } from './overload.js'
import type { RemoteKeys } from './remote-keys.js'

export interface ServeOptions {
  config: Config
  role?: ServeRole
  port?: number
  host?: string
  demo?: boolean
  log: Log
  version: string
  signal: AbortSignal
  /** A line for the person who started it. */
  print(line: string): void
}

const SWEEP_EVERY_MS = 10 * 60 * 1000
const DRAIN_MS = 10_000

/** The configuration of `--demo`: a store of its own, on this computer only, with people who can sign in here. */
function demoConfig(config: Config): Config {
  if (config.foreign) {
    throw new ZukoError('CONFIGURATION', 'The demo signs people in itself, and OAUTH_ISSUER is set.', {
      fix: 'unset OAUTH_ISSUER, or leave out --demo',
    })
  }
  if (!isLoopback(config.backendUrl)) {
    throw new ZukoError(
      'CONFIGURATION',
      `The demo has a public password, and BACKEND_URL ${config.backendUrl} is not this computer.`,
      {
        fix: 'unset BACKEND_URL, or leave out --demo',
      },
    )
  }
  return { ...config, database: join(dataDirectory(), 'demo.db') }
}

/**
 * Runs the server until `signal` aborts; then it is not ready any more, takes no new connection, lets calls in
 * flight finish (10 s), and closes the store.
 * @throws ZukoError CONFIGURATION or FAILED when it cannot start
 */
export async function runServe(options: ServeOptions): Promise<void> {
  const config = options.demo ? demoConfig(options.config) : options.config
  const role = roleOf(config, options.role)
  const secret = role === 'mcp' ? undefined : loadSecret(config)
  const store = await openStore(config.database, { log: options.log })
  try {
    await runWith(store, { ...options, config, role, secret })
  } finally {
    await store.close()
  }
}

/** `secret` is there for the roles that have an authorization server. */
type Running = ServeOptions & { role: ServeRole; secret: string | undefined }

async function runWith(store: OpenStore, options: Running): Promise<void> {
  const { config, log, role, secret, signal } = options
  const now = () => new Date()
  const auth = secret
    ? await createAuth({
        store,
        backendUrl: config.backendUrl,
        secret,
        log,
        now,
        fetchDocument: config.clientDocuments ? createDocumentFetch() : undefined,
      })
    : undefined
  if (auth && options.demo) await seedDemo(store, auth, now())
  const keys = role === 'mcp' ? keysElsewhere(config, log) : undefined
  const endpoint = role === 'auth' ? undefined : createMcpEndpoint(store, keys, options)
  const ownUrl = role === 'auth' ? authUrlOrDefault(config) : config.backendUrl
  const loop = watchLoop()
  const app = createApp({
    backendUrl: config.backendUrl,
    ownUrls: [ownUrl],
    version: options.version,
    log,
    trustProxy: config.trustProxy,
    limits: createLimits(store),
    foreign: config.foreign,
    ready: async () =>
      !signal.aborted && (await answers(store)) && (!config.foreign || !keys || (await keys.ready())),
    loopDelay: loop.delay,
    ...(endpoint ? { endpoint } : {}),
    ...(auth ? { auth } : {}),
    ...(role === 'mcp' && !config.foreign
      ? { forward: createForward({ backendUrl: config.backendUrl, authUrl: authUrlOrDefault(config), log }) }
      : {}),
    ...(options.demo
      ? { demo: Object.values(DEMO_PEOPLE).map(({ email }) => ({ email, password: DEMO_PASSWORD })) }
      : {}),
  })
  const listening = await listen(shedding(app, log), { url: ownUrl, port: options.port, host: options.host })
  const sweeping = setInterval(() => void sweep(store, log), SWEEP_EVERY_MS).unref()
  log.info({ role, url: ownUrl, port: listening.port }, 'serving')
  greet(options)
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(sweeping)
  loop.close()
  log.info('draining')
  await Promise.all([listening.close(DRAIN_MS), endpoint?.drain(DRAIN_MS)])
  await endpoint?.close()
  log.info('stopped')
}

function createMcpEndpoint(store: OpenStore, elsewhere: RemoteKeys | undefined, options: Running): Endpoint {
  const { config, log, version } = options
  const { foreign } = config
  const now = () => new Date()
  const limits = createLimits(store)
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
    ...{ urls, store, guard, rateLimit, strangers, log, now, version },
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

/** What the person who started it needs next. */
function greet({ config, demo, print, role }: Running): void {
  const { resource } = publicUrls(config.backendUrl)
  const what = role === 'auth' ? 'The authorization server of Zuko' : 'Zuko'
  print(`${what} is ready: ${config.backendUrl}`)
  if (config.foreign) print(`Sign in at     ${config.foreign.issuer}`)
  if (demo) {
    print(
      `Sign in as     ${Object.values(DEMO_PEOPLE)
        .map(({ email }) => email)
        .join(', ')}`,
    )
    print(`Password       ${DEMO_PASSWORD}`)
  }
  if (role !== 'auth') print(`Claude Code    claude mcp add --transport http zuko ${resource}`)
}
