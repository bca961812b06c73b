import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'
import { type Database, readDatabaseUrl } from './database-url.js'
import { ZukoError } from './errors.js'
import { LOG_LEVELS } from './log.js'
import { type Exporting, readExporting } from './otel-variables.js'
import { OWN_NAMES, type ScopeNames, scopeNames } from './scope-names.js'

export const ROLE_NAMES = ['all', 'mcp', 'auth'] as const
export type ServeRole = (typeof ROLE_NAMES)[number]

const DEFAULT_BACKEND_URL = 'http://localhost:3001'
const DEFAULT_AUTH_URL = 'http://localhost:8000'

/** A base URL without a trailing slash: http or https, no path, query, fragment or credentials. */
const baseUrl = z.string().transform((text, ctx) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const bare =
    url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  if (!bare || url.pathname !== '/') {
    ctx.addIssue(
      `must be an http or https base URL such as ${DEFAULT_BACKEND_URL}, without a path. Received "${text}"`,
    )
    return z.NEVER
  }
  return url.origin
})

/** Kept as written: it is compared with `iss` character for character (RFC 8414 section 3.3). */
const issuer = z.string().refine((text) => isSecureUrl(text) && !/[?#]/.test(text), {
  error: 'must be the "iss" of its tokens: an https URL without query and fragment, or http on this computer',
})

const rateLimit = z.string().transform((text, ctx) => {
  if (text === 'off') return null
  const match = /^(\d+)\/s burst (\d+)$/.exec(text.trim())
  const [perSecond, burst] = [Number(match?.[1]), Number(match?.[2])]
  if (match && perSecond >= 1 && burst >= 1) return { perSecond, burst }
  ctx.addIssue(`must read like "50/s burst 200", or "off". Received "${text}"`)
  return z.NEVER
})

const databaseUrl = z.string().transform((text, ctx) => {
  const read = readDatabaseUrl(text)
  if ('database' in read) return read.database
  ctx.addIssue(read.problem)
  return z.NEVER
})

const environment = z.object({
  BACKEND_URL: baseUrl.default(DEFAULT_BACKEND_URL),
  BETTER_AUTH_URL: baseUrl.optional(),
  BETTER_AUTH_SECRET: z.string().min(32, 'must be at least 32 characters').optional(),
  OAUTH_ISSUER: issuer.optional(),
  OAUTH_SCOPES: scopeNames.optional(),
  DATABASE_URL: databaseUrl.optional(),
  ZUKO_MCP_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
  ZUKO_TOKEN: z.string().optional(),
  CLIENT_METADATA_DOCUMENTS: z.enum(['on', 'off'], { error: 'must be on or off' }).optional(),
  RATE_LIMIT: rateLimit.prefault('50/s burst 200'),
  TRUST_PROXY: z.coerce
    .number({ error: 'must be the number of reverse proxies in front, 0 to 10' })
    .int()
    .min(0)
    .max(10)
    .default(0),
  METRICS_PORT: z.coerce.number({ error: 'must be a port, 1 to 65535' }).int().min(1).max(65_535).optional(),
  METRICS_TOKEN: z.string().min(16, 'must be at least 16 characters').optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
})

/** The names of every environment variable that the program reads, for help and for the docs test. */
export const ENVIRONMENT_NAMES = Object.keys(environment.shape)

export interface ForeignServer {
  /** Exactly the `iss` of its tokens. */
  issuer: string
  scopeNames: ScopeNames
}

/** Who may watch the server. */
export interface Watching {
  /** Where Prometheus finds `/metrics`: on this computer alone, or with a token from anywhere. */
  prometheus: { port: number; token: string | undefined } | undefined
  /** What goes to an OpenTelemetry collector. */
  exporting: Exporting | undefined
}

export interface Config {
  /** Public base URL of the endpoint, without a trailing slash. */
  backendUrl: string
  /** Base URL of an authorization server that runs apart; undefined when it is embedded. */
  authUrl: string | undefined
  /** Another product's authorization server, in the place of ours. */
  foreign: ForeignServer | undefined
  secret: string | undefined
  database: Database
  mcpUrl: string
  token: string | undefined
  /**
   * Whether clients may be known by a document on the web (Client ID Metadata Documents), which this server
   * then fetches. Off on loopback unless asked for: such a server is often offline, and every client registers.
   */
  clientDocuments: boolean
  /** Tool calls per person; null is no limit. */
  rateLimit: { perSecond: number; burst: number } | null
  /** How many reverse proxies stand in front and may be believed about a caller's address. */
  trustProxy: number
  logLevel: (typeof LOG_LEVELS)[number]
  watching: Watching
}

/** The user's data directory for this program. */
export const dataDirectory = (): string => envPaths('zuko-mcp', { suffix: '' }).data

/**
 * Reads the environment, once, at the door. An empty variable counts as unset.
 * @throws ZukoError CONFIGURATION that lists every problem at once
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Readonly<Config> {
  const given = Object.fromEntries(ENVIRONMENT_NAMES.map((name) => [name, env[name] || undefined]))
  const parsed = environment.safeParse(given)
  const issues = parsed.error?.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`)
  const { exporting, problem } = readExporting(env)
  const problems = [...(issues ?? []), ...contradictions(given), ...(problem ? [problem] : [])]
  if (!parsed.success || problems.length > 0) {
    throw new ZukoError('CONFIGURATION', 'The configuration is wrong.', { problems })
  }
  const { data } = parsed
  return Object.freeze({
    backendUrl: data.BACKEND_URL,
    authUrl: data.BETTER_AUTH_URL,
    foreign: data.OAUTH_ISSUER
      ? { issuer: data.OAUTH_ISSUER, scopeNames: data.OAUTH_SCOPES ?? OWN_NAMES }
      : undefined,
    secret: data.BETTER_AUTH_SECRET,
    database: data.DATABASE_URL ?? join(dataDirectory(), 'zuko.db'),
    mcpUrl: data.ZUKO_MCP_URL ?? `${DEFAULT_BACKEND_URL}/api/mcp`,
    token: data.ZUKO_TOKEN,
    clientDocuments: data.CLIENT_METADATA_DOCUMENTS
      ? data.CLIENT_METADATA_DOCUMENTS === 'on'
      : !isLoopback(data.BACKEND_URL),
    rateLimit: data.RATE_LIMIT,
    trustProxy: data.TRUST_PROXY,
    logLevel: data.LOG_LEVEL,
    watching: {
      prometheus: data.METRICS_PORT ? { port: data.METRICS_PORT, token: data.METRICS_TOKEN } : undefined,
      exporting,
    },
  })
}

/** What no variable is wrong with by itself. */
function contradictions(given: Partial<Record<string, string>>): string[] {
  const { BACKEND_URL, BETTER_AUTH_URL, OAUTH_ISSUER, OAUTH_SCOPES, METRICS_PORT, METRICS_TOKEN } = given
  const own = publicUrls(BACKEND_URL ?? DEFAULT_BACKEND_URL).issuer
  return [
    ...(OAUTH_ISSUER && BETTER_AUTH_URL
      ? ['OAUTH_ISSUER and BETTER_AUTH_URL name two authorization servers; one of them must be unset.']
      : []),
    ...(OAUTH_ISSUER === own
      ? ['OAUTH_ISSUER is for another authorization server; without it this one signs people in itself.']
      : []),
    ...(METRICS_TOKEN && !METRICS_PORT ? ['METRICS_TOKEN means nothing without METRICS_PORT.'] : []),
    ...(OAUTH_SCOPES && !OAUTH_ISSUER ? ['OAUTH_SCOPES means nothing without OAUTH_ISSUER.'] : []),
  ]
}

/** Whether stack traces may be shown. Answers even where the rest of the configuration is wrong. */
export const wantsStacks = (env: NodeJS.ProcessEnv = process.env): boolean =>
  env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace'

/** The URLs that follow from the base URL; each is compared character for character. */
export interface PublicUrls {
  /** RFC 8707 resource identifier and audience of every access token. */
  resource: string
  /** RFC 8414 issuer of the tokens. */
  issuer: string
  /** RFC 9728 metadata of the resource. */
  resourceMetadata: string
}

export const publicUrls = (
  backendUrl: string,
  foreign?: Pick<ForeignServer, 'issuer'> | undefined,
): PublicUrls => ({
  resource: `${backendUrl}/api/mcp`,
  issuer: foreign?.issuer ?? `${backendUrl}/auth`,
  resourceMetadata: `${backendUrl}/.well-known/oauth-protected-resource/api/mcp`,
})

export const isLoopback = (url: string): boolean =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)

/** Whether nobody between here and there can read or change what is sent: https, or http on this computer. */
export function isSecureUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || url.username || url.password) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(text))
}

/** Where the `auth` role listens when nothing says otherwise. */
export const authUrlOrDefault = (config: Pick<Config, 'authUrl'>): string =>
  config.authUrl ?? DEFAULT_AUTH_URL

/**
 * The secret of the embedded authorization server: the configured one, else one that is made once and kept,
 * readable by its owner only, beside the database file. Two processes that start at once end up with the same.
 * @throws ZukoError CONFIGURATION where there is no file to keep one beside, or what is kept was cut short
 */
export function loadSecret(config: Pick<Config, 'secret' | 'database'>): string {
  if (config.secret) return config.secret
  if (typeof config.database !== 'string') {
    throw new ZukoError('CONFIGURATION', 'BETTER_AUTH_SECRET is not set, and Postgres keeps none for it.', {
      fix: 'set it, the same for every node, to a secret of your own, such as "openssl rand -base64 32" makes',
    })
  }
  const path = `${config.database}.secret`
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const temporary = `${path}.${process.pid}`
    writeFileSync(temporary, randomBytes(32).toString('base64url'), { mode: 0o600 })
    try {
      linkSync(temporary, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(temporary, { force: true })
    }
  }
  chmodSync(path, 0o600)
  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length < 32) {
    throw new ZukoError('CONFIGURATION', `The secret in ${path} is shorter than 32 characters.`, {
      fix: 'set BETTER_AUTH_SECRET, or restore the file from a backup',
    })
  }
  return secret
}
