import type { IncomingMessage, ServerResponse } from 'node:http'
import { isLoopback } from '../config.js'
import { duplicateHeader, jsonReply, refusalReply, refuse, send } from './reply.js'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
const DEFAULT_PORT: Record<string, string> = { 'http:': '80', 'https:': '443' }

/** A base URL under each name that stands for it: of a loopback host all three. */
function aliases(baseUrl: string): URL[] {
  const url = new URL(baseUrl)
  if (!isLoopback(baseUrl)) return [url]
  return LOOPBACK_NAMES.map((name) => new URL(`${url.protocol}//${name}${url.port && `:${url.port}`}`))
}

/** The values of a Host header that name a URL: its default port may be written or left out. */
function hostsOf({ protocol, hostname, port }: URL): string[] {
  const isDefault = port === '' || port === DEFAULT_PORT[protocol]
  return isDefault ? [hostname, `${hostname}:${DEFAULT_PORT[protocol]}`] : [`${hostname}:${port}`]
}

export interface OriginOptions {
  /** The public base URL, and any other that this process is called by. */
  baseUrls: readonly string[]
  /** Paths that any web page may read: metadata, keys, token endpoint. Their Host is checked all the same. */
  isPublic: (path: string) => boolean
}

/** The endpoint's path as express finds it: in any case, with or without a slash at its end. */
export const isEndpoint = (path: string): boolean => /^\/api\/mcp\/?$/i.test(path)

export type OriginCheck = (req: IncomingMessage, res: ServerResponse, next: () => void) => void

/**
 * Lets a request pass whose Host is ours and whose Origin, when a browser sent one, is ours too; else 403.
 * This is what keeps a rebound DNS name away from a local server (MCP 2026-07-28 streamable-http, Security).
 */
export function createOriginCheck({ baseUrls, isPublic }: OriginOptions): OriginCheck {
  const urls = baseUrls.flatMap(aliases)
  const hosts = new Set(urls.flatMap(hostsOf))
  const origins = new Set(urls.map(({ origin }) => origin))

  const problem = (req: IncomingMessage, path: string): string | undefined => {
    if (duplicateHeader(req)) return 'A header that must come once came more than once.'
    if (!hosts.has((req.headers.host ?? '').toLowerCase()))
      return 'The Host header does not name this server.'
    // RFC 9112 section 3.2.2: the absolute form is for proxies, and would overrule Host.
    if (!req.url?.startsWith('/')) return 'The request names a server in place of a path.'
    const { origin } = req.headers
    if (origin === undefined || isPublic(path) || origins.has(origin)) return undefined
    return 'The Origin header names another site.'
  }

  return (req, res, next) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/'
    const found = problem(req, path)
    if (found === undefined) return next()
    const { refusal } = refuse(duplicateHeader(req) ? 400 : 403, `${found} Call it by ${baseUrls[0]}.`)
    const { status, message } = refusal
    const words = JSON.stringify({ error: 'forbidden', error_description: message })
    send(res, isEndpoint(path) ? refusalReply(refusal, null) : jsonReply(status, words))
  }
}
