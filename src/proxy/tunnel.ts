import http from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import tls from 'node:tls'
import { ZukoError } from '../errors.js'

/** An agent that reaches `https:` and `http:` servers through an HTTP proxy with CONNECT (RFC 9110 9.3.6). */
export function tunnelAgent(proxy: URL, target: URL, connectMs: number): http.Agent {
  const isTls = target.protocol === 'https:'
  const agent = new (isTls ? https.Agent : http.Agent)({ keepAlive: true })
  return Object.assign(agent, {
    createConnection(_: unknown, done: (error: Error | null, socket?: Duplex) => void) {
      connect(proxy, target, connectMs).then(
        (socket) => done(null, isTls ? secured(socket, target) : socket),
        (error: Error) => done(error),
      )
    },
  })
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
const authority = (url: URL): string =>
  `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`

/** TLS inside the tunnel, for the server's own name. A name is sent as SNI; an address may not be. */
function secured(socket: Duplex, target: URL): Duplex {
  const host = hostOf(target)
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':')
  return tls.connect({ socket, host, ...(isAddress ? {} : { servername: host }) })
}

function connect(proxy: URL, target: URL, connectMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: hostOf(proxy),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority(target),
      headers: { host: authority(target), ...credentials(proxy) },
      agent: false,
      timeout: connectMs,
    })
    request.once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(refused(proxy, `answered ${statusCode} to CONNECT`))
    })
    request.once('response', ({ statusCode }) => {
      request.destroy()
      reject(refused(proxy, `answered ${statusCode} to CONNECT`))
    })
    request.once('timeout', () => request.destroy(new Error('timeout')))
    request.once('error', (cause) => reject(refused(proxy, 'cannot be reached', cause)))
    request.end()
  })
}

function credentials({ username, password }: URL): { 'proxy-authorization'?: string } {
  if (!username) return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

const refused = (proxy: URL, what: string, cause?: unknown): ZukoError =>
  new ZukoError('UNAVAILABLE', `The HTTP proxy ${proxy.host} ${what}.`, {
    fix: 'look at HTTP_PROXY, HTTPS_PROXY and NO_PROXY',
    cause,
  })
