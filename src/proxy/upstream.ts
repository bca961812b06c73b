import http, { type ClientRequest } from 'node:http'
import { isZukoError, ZukoError } from '../errors.js'
import { agentFor, type ProxyVariables } from './agents.js'
import type { HeaderList } from './headers.js'
import type { Life } from './life.js'
import { type FailureOf, replyOf, type UpstreamReply } from './reply.js'
import { watchSilences } from './silence.js'

export interface UpstreamOptions {
  url: URL
  proxies: ProxyVariables
  /** How long a connection may take to stand, in milliseconds. */
  connectMs: number
}

export interface UpstreamRequest {
  method: 'POST' | 'GET' | 'DELETE'
  headers: HeaderList
  body: string | undefined
  /** When it is over the connection is closed, which is how a server learns of a cancellation. */
  life: Life
  /** How long the server may stay silent, in milliseconds; 0 is for ever. */
  silenceMs: number
}

export interface Upstream {
  /** @throws ZukoError UNAVAILABLE; its `data.unsent` says that the server cannot have seen the request */
  send(request: UpstreamRequest): Promise<UpstreamReply>
  close(): void
}

/** HTTP to one address, on connections that are kept. */
export async function createUpstream({ url, proxies, connectMs }: UpstreamOptions): Promise<Upstream> {
  const agent = await agentFor(url, proxies, connectMs)
  const { request } = url.protocol === 'https:' ? await import('node:https') : http
  const { protocol, port, pathname, search } = url
  const where = { protocol, port, path: pathname + search, hostname: url.hostname.replace(/^\[|\]$/g, '') }
  const silences = watchSilences()
  let lastUse = Date.now()
  let trustedMs = TRUSTED_MS
  const dropIdle = () => {
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
  }
  const send = ({ method, headers, body, life, silenceMs }: UpstreamRequest) =>
    new Promise<UpstreamReply>((resolve, reject) => {
      if (Date.now() - lastUse > trustedMs) dropIdle()
      lastUse = Date.now()
      const outgoing = request(optionsFor(where, agent, method, complete(headers, url, body)))
      const flight = follow(outgoing, url, connectMs)
      const waiting = silences.wait(silenceMs, life, () => flight.stop(silent(url, silenceMs)))
      const forget = life.onOver(() => outgoing.destroy())
      const failure = (error: Error) => {
        dropIdle()
        return flight.told(error)
      }
      outgoing.on('error', (error) => reject(failure(error)))
      outgoing.on('response', (incoming) => {
        trustedMs = trustIn(incoming.headers['keep-alive']?.toString())
        resolve(replyOf(incoming, waiting, failure))
      })
      outgoing.on('close', () => {
        waiting.done()
        forget()
      })
      outgoing.end(body)
    })
  return { send, close: () => agent.destroy() }
}

/** Written out: an object that is spread anew for each call costs a hidden class for each call. */
const optionsFor = (
  { hostname, path, protocol, port }: Where,
  agent: http.Agent,
  method: string,
  headers: HeaderList,
): http.RequestOptions => ({ hostname, path, protocol, port, agent, method, headers })

interface Where {
  hostname: string
  path: string
  protocol: string
  port: string
}

/** Node adds neither of these to headers that come as a list. */
const complete = (headers: HeaderList, { host }: URL, body: string | undefined): HeaderList =>
  body === undefined
    ? ['Host', host, ...headers]
    : ['Host', host, ...headers, 'Content-Length', String(Buffer.byteLength(body))]

/**
 * How long an unused connection is believed in, in milliseconds. After a sleep or a change of network none of
 * them is alive, and nothing tells; one that failed casts doubt on its siblings too.
 */
const TRUSTED_MS = 30_000

/** A server that says when it closes an unused connection is taken at its word, and a second early. */
function trustIn(keepAlive: string | undefined): number {
  const [, seconds] = /timeout=(\d+)/.exec(keepAlive ?? '') ?? []
  return seconds === undefined ? TRUSTED_MS : Math.min(TRUSTED_MS, Math.max(0, Number(seconds) - 1) * 1000)
}

/** What tells a TLS socket that is still shaking hands. */
interface SecureSocket {
  secureConnecting: boolean
}

interface Flight {
  /** Ends the exchange for a reason of our own. */
  stop(reason: ZukoError): void
  /** How a broken exchange is told. */
  told: FailureOf
}

/** Bounds the wait for the connection, and remembers whether the server can have seen anything. */
function follow(outgoing: ClientRequest, url: URL, connectMs: number): Flight {
  let reason: ZukoError | undefined
  let isConnected = false
  const stop = (error: ZukoError) => {
    reason = error
    outgoing.destroy(error)
  }
  outgoing.on('socket', (socket) => {
    isConnected = !socket.connecting && !(socket as Partial<SecureSocket>).secureConnecting
    if (isConnected) return
    const timer = setTimeout(() => stop(unreachable(url, 'did not accept a connection in time')), connectMs)
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      isConnected = true
      clearTimeout(timer)
    })
    socket.once('close', () => clearTimeout(timer))
  })
  const told: FailureOf = (error) => {
    if (reason) return reason
    if (isZukoError(error)) {
      return new ZukoError(error.code, error.message, { fix: error.fix, data: { unsent: true } })
    }
    return isConnected ? cut(url, error) : unreachable(url, whyNot(error), error)
  }
  return { stop, told }
}

/** Reasons that pass by themselves, such as a server that is being restarted. */
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'ENETDOWN',
])

function whyNot({ code, message }: { code?: string; message: string }): string {
  if (code === 'ECONNREFUSED') return 'refuses connections'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'has no address: its name cannot be resolved'
  return `cannot be reached (${code ?? message})`
}

const unreachable = (url: URL, what: string, cause?: Error & { code?: string }): ZukoError =>
  new ZukoError('UNAVAILABLE', `The server ${url.host} ${what}.`, {
    fix: 'check the address and the network, then try again; `zuko-mcp proxy doctor` names the broken link',
    data: { unsent: true, passing: PASSING.has(cause?.code ?? '') },
    cause,
  })

const cut = (url: URL, cause: unknown): ZukoError =>
  new ZukoError('UNAVAILABLE', `The connection to ${url.host} broke before the answer was complete.`, {
    fix: 'look whether the call took effect before you repeat it',
    cause,
  })

const silent = (url: URL, silenceMs: number): ZukoError =>
  new ZukoError('UNAVAILABLE', `The server ${url.host} sent nothing for ${silenceMs / 1000} s.`, {
    fix: 'look whether the call took effect before you repeat it; --call-timeout allows more time',
  })
