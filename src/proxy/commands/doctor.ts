import { lookup } from 'node:dns/promises'
import { isZukoError, ZukoError } from '../../errors.js'
import { type LoginContext, openContext } from '../context.js'
import { discoverResource, discoverServer, parseChallenge, requirePkce } from '../discovery.js'
import { readable } from '../grants.js'
import { getJson } from '../oauth-fetch.js'
import { createRenewal, mintFor } from '../refresh.js'
import { fixedClient } from '../registration.js'
import { isFresh } from '../token-cache.js'
import type { ProxyOptions } from '../types.js'
import { type Probe, probe } from './probe.js'
import { asWhom, printable, type Report } from './words.js'

/** One link of the chain from here to the tools. */
export interface Check {
  name: string
  state: 'ok' | 'broken' | 'not reached'
  detail: string
  fix: string | null
}

/** What the checks before have found. */
interface Findings {
  probe?: Probe
  resource?: Awaited<ReturnType<typeof discoverResource>>
  server?: Awaited<ReturnType<typeof discoverServer>>
  token?: string
  /** The server lets anybody in. */
  open: boolean
}

type Link = (context: LoginContext, found: Findings) => Promise<string>

const MAX_SKEW_MS = 60_000
const TOKEN = 'token'

const failed = (message: string, fix: string): ZukoError => new ZukoError('FAILED', message, { fix })

const LINKS: Record<string, Link> = {
  name: async ({ fetch, options: { url } }, found) => {
    const host = url.hostname.replace(/^\[|\]$/g, '')
    try {
      return (await lookup(host)).address
    } catch {
      // Behind an HTTP proxy only the proxy may know names.
      found.probe = await probe(fetch, url).catch(() => {
        throw failed(`The name ${host} is not known.`, 'check the address and the network')
      })
      return 'known to the HTTP proxy'
    }
  },
  connection: async ({ fetch, options: { url } }, found) => {
    found.probe = await probe(fetch, url).catch((error) => {
      throw connectionProblem(error, url)
    })
    return url.protocol === 'https:' ? 'TLS works' : 'no TLS: only fit for this machine'
  },
  endpoint: async (_context, found) => {
    const { status = 0, wwwAuthenticate } = found.probe ?? {}
    if (status === 401) return wwwAuthenticate ? 'asks for a login' : 'asks for a login without saying where'
    found.open = status >= 200 && status < 300
    if (found.open) return 'lists its tools without a login'
    throw failed(`The endpoint answers ${status}, where 401 would be right.`, 'check the path of the address')
  },
  metadata: async ({ fetch, options }, found) => {
    const challenge = parseChallenge(found.probe?.wwwAuthenticate)
    found.resource = await discoverResource(fetch, options.url, challenge, options.resource)
    if (found.resource.assumed && found.open) return 'none: the server needs no login'
    return found.resource.assumed
      ? 'none: the server itself is taken for the issuer'
      : found.resource.resource
  },
  issuer: async ({ fetch, options }, found) => {
    if (found.open && found.resource?.assumed) return 'none'
    const [issuer = ''] = found.resource?.issuers ?? []
    found.server = await discoverServer(fetch, issuer, options.url, found.resource?.assumed ?? false)
    if (!options.clientCredentials) requirePkce(found.server)
    return issuer
  },
  registration: async ({ options, cache }, { server }) => {
    if (!server) return 'none'
    if (await fixedClient(options, server)) return 'the given client'
    if (await cache.registration(server.issuer)) return 'registered before'
    if (server.registration_endpoint !== undefined) return 'registers by itself'
    throw failed(`${server.issuer} registers no clients by itself.`, 'pass --client-id')
  },
  keys: async ({ fetch }, { server }) => {
    if (typeof server?.jwks_uri !== 'string') return 'none published'
    const { status, body } = await getJson(fetch, server.jwks_uri)
    if (status === 200 && Array.isArray(body?.keys)) return `${body.keys.length} published`
    throw failed(
      `${server.jwks_uri} answers ${status} without keys.`,
      'the server has to publish its keys there',
    )
  },
  clock: async ({ options }, found) => {
    const skew = found.probe?.date === undefined ? 0 : options.now() - found.probe.date
    if (Math.abs(skew) <= MAX_SKEW_MS) return 'agrees with the server'
    const seconds = Math.round(Math.abs(skew) / 1000)
    throw failed(
      `This clock is ${seconds} seconds ${skew > 0 ? 'ahead of' : 'behind'} the server's.`,
      'set the clock',
    )
  },
  [TOKEN]: async (context, found) => {
    if (!found.server) return 'none needed'
    const { cache, options } = context
    const kept = await cache.credential()
    if (options.token) found.token = options.token
    if (found.token) return 'given in ZUKO_TOKEN'
    const url = options.url.href
    if (!kept && !options.clientCredentials) {
      throw failed(`There is no login for ${url}.`, `zuko-mcp proxy login ${url}`)
    }
    const fresh =
      kept && isFresh(kept, options.now()) ? kept : await createRenewal(context, mintFor(context)).renew()
    if (!fresh) throw failed(`The login for ${url} has ended.`, `zuko-mcp proxy login ${url}`)
    found.token = fresh.accessToken
    return `signed in${asWhom(fresh)}`
  },
  tools: async ({ fetch, options: { url } }, { token }) => {
    const attempts = [await probe(fetch, url, token)]
    if (!toolsOf(attempts[0]?.body)) attempts.push(await probe(fetch, url, token, true))
    const tools = attempts.map(({ body }) => toolsOf(body)).find((found) => found)
    if (tools) return `${tools.length} listed`
    const status = attempts[0]?.status
    if (status === 401) throw failed('The server refuses the token.', `zuko-mcp proxy login ${url.href}`)
    if (status === 400) return 'not listed without a handshake'
    throw failed(`The list of tools fails with ${status}.`, 'look at the log of the server')
  },
}

function toolsOf(body: unknown): unknown[] | undefined {
  const tools = (body as { result?: { tools?: unknown } } | undefined)?.result?.tools
  return Array.isArray(tools) ? tools : undefined
}

function connectionProblem(error: unknown, url: URL): unknown {
  const code = String((error as { cause?: { cause?: { code?: unknown } } }).cause?.cause?.code ?? '')
  if (!/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code)) return error
  return failed(
    `${url.host} shows a certificate that is not trusted (${code}).`,
    'have the certificate repaired, or name its authority in NODE_EXTRA_CA_CERTS',
  )
}

/** `proxy doctor`: walks from here to the tools and stops at the first broken link, with its remedy. */
export async function doctorCommand(options: ProxyOptions): Promise<Report<Check[]>> {
  const context = openContext(options)
  const found: Findings = { open: false }
  const checks: Check[] = []
  let broken = false
  for (const [name, link] of Object.entries(LINKS)) {
    const check: Check = broken ? notReached(name) : await run(name, () => link(context, found))
    broken ||= check.state === 'broken'
    checks.push(check)
  }
  return { data: checks, lines: checks.flatMap(describe) }
}

const notReached = (name: string): Check => ({ name, state: 'not reached', detail: '', fix: null })

async function run(name: string, link: () => Promise<string>): Promise<Check> {
  try {
    return { name, state: 'ok', detail: printable(await link()), fix: null }
  } catch (caught) {
    const error = readable(caught)
    if (!isZukoError(error)) throw error
    return { name, state: 'broken', detail: error.message, fix: error.fix ?? null }
  }
}

const MARKS = { ok: 'ok', broken: 'BROKEN', 'not reached': '-' }

function describe({ name, state, detail, fix }: Check): string[] {
  const line = `${MARKS[state].padEnd(6)} ${name}${detail ? `: ${detail}` : ''}`
  return fix ? [line, `       Fix: ${fix}`] : [line]
}
