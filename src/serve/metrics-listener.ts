import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { errorFacts } from './error-facts.js'

export interface MetricsOptions {
  port: number
  /** Undefined: whoever is on this computer may read, and nobody else can reach it. */
  token: string | undefined
  text(): Promise<string>
  log: Log
}

export interface MetricsListener {
  port: number
  close(): Promise<void>
}

/** The exposition format 0.0.4, which every Prometheus reads. */
const TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Compares by digest, in a time that tells nothing of either. */
const isBearer = (header: string | undefined, token: string): boolean =>
  timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))

/** Status and, for 200, nothing else to say. */
function refusal({ url, method, headers }: IncomingMessage, token: string | undefined): number | undefined {
  if (url?.split('?', 1)[0] !== '/metrics') return 404
  if (method !== 'GET' && method !== 'HEAD') return 405
  return token !== undefined && !isBearer(headers.authorization, token) ? 401 : undefined
}

/** What a web page may make a browser send here is no reader: it names another host, or where it comes from. */
const isForeign = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined ||
  !/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test((headers.host ?? '').slice(0, 60))

/**
 * `GET /metrics` on a port of its own: on this computer alone, or with a token on every address. It answers
 * while the rest of the server turns requests away.
 * @throws ZukoError FAILED when the port is taken or may not be used
 */
export async function listenForMetrics({ port, token, text, log }: MetricsOptions): Promise<MetricsListener> {
  const server = createServer(async (req, res) => {
    const status = refusal(req, token) ?? (token === undefined && isForeign(req) ? 403 : undefined)
    if (status) return void res.writeHead(status, { 'cache-control': 'no-store' }).end()
    try {
      const body = await text()
      res.writeHead(200, { 'content-type': TYPE, 'cache-control': 'no-store' }).end(body)
    } catch (error) {
      log.warn(errorFacts(error), 'metrics cannot be told')
      res.writeHead(503, { 'cache-control': 'no-store' }).end()
    }
  })
  server.maxConnections = 20
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(token === undefined && { host: '127.0.0.1' }) }, resolve)
  }).catch((cause: NodeJS.ErrnoException) => {
    throw new ZukoError('FAILED', `Port ${port} for metrics cannot be listened on (${cause.code}).`, {
      fix: 'choose another with METRICS_PORT',
      cause,
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
