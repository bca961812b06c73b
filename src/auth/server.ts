import type { GenericEndpointContext } from '@better-auth/core'
import { oauthProvider } from '@better-auth/oauth-provider'
import { type BetterAuthPlugin, betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { jwt, organization } from 'better-auth/plugins'
import { publicUrls } from '../config.js'
import type { Log } from '../log.js'
import type { OpenStore } from '../store/open.js'
import { SCOPES } from '../tools/scopes.js'
import { clientDocuments, type Documents } from './client-document.js'
import { ensureSigningKey, keyOptions } from './keys.js'
import { createPasswordHashing } from './password.js'

/** Seconds. */
export const ACCESS_TOKEN_LIFETIME = 600
const REFRESH_TOKEN_LIFETIME = 30 * 24 * 3600
/** A rotated refresh token answers with the same new pair again for this long: hosts race themselves. */
const REFRESH_REPLAY_WINDOW = 30
/** How long the sign-in and consent pages stay usable; the code itself lives CODE_LIFETIME. */
export const PAGE_LIFETIME = 600
const CODE_LIFETIME = 60
const SESSION_LIFETIME = 8 * 3600

/** Every scope that a grant may hold: the resource's own, and the one that stands for a refresh token. */
export const GRANT_SCOPES = [...SCOPES, 'offline_access'] as const

/** Pages of the authorization server. They live under /auth, so that the `mcp` role can forward them. */
export const PAGES = {
  signIn: '/auth/sign-in',
  signOut: '/auth/sign-out',
  consent: '/auth/consent',
  error: '/auth/error',
} as const

export interface AuthOptions {
  store: OpenStore
  backendUrl: string
  secret: string
  log: Log
  now?: () => Date
  /** How Client ID Metadata Documents are had; without it, clients must register. */
  documents?: Documents | undefined
}

/**
 * Cookie names. Under https all begin with `__Host-`: a browser keeps such a cookie only when it comes from this
 * very host over TLS, so that no other host of the domain can plant one (RFC 6265bis §4.1.3.2).
 */
const cookies = (backendUrl: string) =>
  backendUrl.startsWith('https:')
    ? { useSecureCookies: false, cookiePrefix: '__Host-zuko', defaultCookieAttributes: { secure: true } }
    : { cookiePrefix: 'zuko' }

function authorizationServer(options: AuthOptions & { now: () => Date }) {
  const { store, backendUrl, secret, log } = options
  const urls = publicUrls(backendUrl)
  const keys = keyOptions(store.keys, urls.issuer, options.now)
  const documents = options.documents && clientDocuments(options.documents, options.now, log)
  const server = betterAuth({
    appName: 'Zuko',
    baseURL: backendUrl,
    basePath: '/auth',
    secret,
    trustedOrigins: [backendUrl],
    database: store.authDatabase,
    telemetry: { enabled: false },
    // Without a level: with one, better-auth writes refused requests past this function to the console.
    logger: { log: (level, message) => log[level === 'error' ? 'error' : 'warn']({ from: 'auth' }, message) },
    // What is no answer of its own is thrown to `serve`; otherwise better-auth prints it, values and all, and says 500.
    onAPIError: { errorURL: `${backendUrl}${PAGES.error}`, throw: true },
    emailAndPassword: { enabled: true, disableSignUp: true, password: createPasswordHashing() },
    // Not renewed by use: a browser is asked for the password again after these hours, whatever it did.
    session: { expiresIn: SESSION_LIFETIME, disableSessionRefresh: true },
    user: { additionalFields: { disabledAt: { type: 'date', required: false, input: false } } },
    // Addresses are limited by `serve`, in front of every route, with the socket's own address.
    rateLimit: { enabled: false },
    advanced: { database: { generateId: 'serial' }, ...cookies(backendUrl) },
    databaseHooks: {
      session: { create: { before: async (session) => refuseDisabled(store, Number(session.userId)) } },
      verification: { create: { before: async (row) => shortenCode(row) } },
    },
    plugins: [
      jwt(keys),
      organization({ allowUserToCreateOrganization: false }),
      oauthProvider({
        loginPage: PAGES.signIn,
        consentPage: PAGES.consent,
        scopes: [...GRANT_SCOPES],
        resources: [{ identifier: urls.resource, name: 'Zuko', allowedScopes: [...GRANT_SCOPES] }],
        grantTypes: ['authorization_code', 'refresh_token'],
        accessTokenExpiresIn: ACCESS_TOKEN_LIFETIME,
        refreshTokenExpiresIn: REFRESH_TOKEN_LIFETIME,
        refreshTokenReuseInterval: REFRESH_REPLAY_WINDOW,
        codeExpiresIn: PAGE_LIFETIME,
        enforcePerClientResources: false,
        allowPublicClientPrelogin: true,
        silenceWarnings: { oauthAuthServerConfig: true },
        extensions: documents ? [{ clientDiscovery: documents }] : [],
      }) as BetterAuthPlugin,
    ],
  })
  return { server, keys, urls }
}

/** A disabled person's right password opens nothing. Runs after the password was verified. */
async function refuseDisabled(store: OpenStore, userId: number) {
  const person = await store.principals.byId(userId, '')
  if (person?.disabled) throw new APIError('FORBIDDEN', { code: 'ACCOUNT_DISABLED' })
}

/** An authorization code lives a minute (RFC 6749 §4.1.2 asks for ten at most), whatever the pages get. */
async function shortenCode(row: { value: string; expiresAt: Date }) {
  if (!row.value.includes('"type":"authorization_code"')) return
  const latest = Date.now() + CODE_LIFETIME * 1000
  return { data: { ...row, expiresAt: new Date(Math.min(row.expiresAt.getTime(), latest)) } }
}

/** Starts, and makes what is not there yet: the resource and the first signing key. */
async function start(options: Parameters<typeof authorizationServer>[0]) {
  const started = authorizationServer(options)
  const context = await started.server.$context
  const endpointContext = { context } as unknown as GenericEndpointContext
  await ensureSigningKey(endpointContext, started.keys)
  return { ...started, context, endpointContext }
}

/**
 * The embedded authorization server over the store: people, sessions, grants, keys. Of nodes that start at
 * once, one makes what the others then find.
 * @throws ZukoError CONFIGURATION when the secret is not the one that the store's keys were encrypted with
 */
export async function createAuth(given: AuthOptions) {
  const options = { now: () => new Date(), ...given }
  const { store } = options
  const started = await store.alone('zuko-mcp: start', () => start(options))
  const { server, keys, urls, context, endpointContext } = started

  /**
   * Runs a request against better-auth's own router, as if it had come from our own pages.
   * @throws ZukoError UNAVAILABLE when it failed and the store does not answer
   */
  async function handle(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('origin', given.backendUrl)
    const request = new Request(`${given.backendUrl}${path}`, { ...init, headers, redirect: 'manual' })
    const answer = await server.handler(request).catch((error: unknown) => error)
    if (answer instanceof Response && answer.status < 500) return answer
    await store.ping()
    if (answer instanceof Response) return answer
    throw answer
  }

  return { ...options, urls, keys, api: server.api, context, endpointContext, handle }
}

export type Auth = Awaited<ReturnType<typeof createAuth>>
