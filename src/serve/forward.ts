import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createProxyMiddleware, type RequestHandler } from 'http-proxy-middleware'
import type { Log } from '../log.js'
import { errorFacts } from './error-facts.js'

export interface ForwardOptions {
  /** The public base URL, under which people reach the authorization server. */
  backendUrl: string
  /** Where the authorization server really is. */
  authUrl: string
  log: Log
}

const TIMEOUT = 10_000

/** A path that climbs, in any spelling: it would mean another path upstream than the one that is checked here. */
const climbs = (path: string): boolean =>
  path.split(/[\\/]|%2f|%5c/i).some((segment) => /^(\.|%2e){1,2}$/i.test(segment))

/** What belongs to the authorization server; everything else stays here, the endpoint's tokens included. */
export const isForwarded = (path: string): boolean =>
  path === '/.well-known/oauth-authorization-server/auth' ||
  path === '/auth' ||
  (path.startsWith('/auth/') && !climbs(path))

/** Headers by which a caller could pretend to be a proxy in front of us. */
const isHearsay = (name: string): boolean => /^(forwarded|via|x-real-ip|x-forwarded-.*)$/.test(name)

/**
 * Role `mcp`: forwards the authorization server's paths, unchanged, to where it runs. It is told by
 * X-Forwarded-* who called (express's `ip`: the socket's address, unless proxies in front are trusted) and
 * under which public URL; what the caller claims of itself is dropped. Down is a 502.
 */
export function createForward({ backendUrl, authUrl, log }: ForwardOptions): RequestHandler {
  const { protocol, host } = new URL(backendUrl)
  const introduce = (upstream: ClientRequest, req: IncomingMessage) => {
    for (const name of upstream.getHeaderNames()) if (isHearsay(name)) upstream.removeHeader(name)
    const address = (req as { ip?: string }).ip ?? req.socket.remoteAddress
    if (address) upstream.setHeader('X-Forwarded-For', address)
    upstream.setHeader('X-Forwarded-Proto', protocol.slice(0, -1))
    upstream.setHeader('X-Forwarded-Host', host)
  }
  const fail = (error: Error, _req: IncomingMessage, res: ServerResponse | Socket) => {
    log.warn({ authUrl, ...errorFacts(error) }, 'authorization server does not answer')
    if (res instanceof Socket || res.headersSent) return void res.destroy()
    res.writeHead(502, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    res.end(
      '{"error":"temporarily_unavailable","error_description":"The authorization server does not answer."}',
    )
  }
  return createProxyMiddleware({
    target: authUrl,
    changeOrigin: true,
    pathFilter: isForwarded,
    ws: false,
    proxyTimeout: TIMEOUT,
    on: { proxyReq: introduce, error: fail },
  })
}
