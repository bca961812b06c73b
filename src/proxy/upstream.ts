import http, { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { ZukoError } from '../errors.js'
import { agentFor, type ProxyVariables } from './agents.js'
import { MESSAGE_LIMIT } from './lines.js'
import { isObject, type Json, parseJson } from './message.js'
import { parseEvents } from './sse.js'

export interface UpstreamOptions {
  url: URL
  proxies: ProxyVariables
  /** How long a connection may take to stand, in milliseconds. */
  connectMs: number
}

export interface UpstreamRequest {
  method: 'POST' | 'GET' | 'DELETE'
  headers: OutgoingHttpHeaders
  body?: Buffer
  /** Ends the exchange: the connection is closed, which is how a server learns of a cancellation. */
  signal?: AbortSignal
  /** How long the server may stay silent, in milliseconds; 0 is for ever. */
  silenceMs: number
}

export interface UpstreamReply {
  status: number
  headers: IncomingMessage['headers']
  /** The whole body. @throws ZukoError UNAVAILABLE when it is cut, too large or the server falls silent */
  read(): Promise<Buffer>
  /** Each event's data until the stream ends. @throws the same */
  events(onData: (data: Buffer) => void): Promise<StreamEnd>
  /** Lets the body go unread. */
  drop(): void
}

/** Where a stream stood when it ended: what to resume it from (2025-11-25), and when. */
export interface StreamEnd {
  lastId: string | undefined
  retryMs: number | undefined
  /** Set where the connection broke instead of ending. */
  failure?: ZukoError
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
  const { hostname, port, path, protocol, auth } = urlToHttpOptions(url)
  const target = { hostname, port, path, protocol, auth, agent } as http.RequestOptions

  let lastUse = Date.now()
  const dropIdle = () => {
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
  }
  const send = ({ method, headers, body, signal, silenceMs }: UpstreamRequest) =>
    new Promise<UpstreamReply>((resolve, reject) => {
      if (Date.now() - lastUse > TRUSTED_MS) dropIdle()
      lastUse = Date.now()
      const outgoing = request({ ...target, method, headers, ...(signal && { signal }) })
      const told = watch(outgoing, url, connectMs, silenceMs)
      const failure = (error: Error) => {
        dropIdle()
        return told(error)
      }
      outgoing.once('error', (error) => reject(failure(error)))
      outgoing.once('response', (incoming) => resolve(replyOf(incoming, failure)))
      outgoing.end(body)
    })
  return { send, close: () => agent.destroy() }
}

/**
 * How long an unused connection is believed in, in milliseconds. After a sleep or a change of network none of
 * them is alive, and nothing tells; one that failed casts doubt on its siblings too.
 */
const TRUSTED_MS = 30_000

type FailureOf = (error: Error & { code?: string }) => ZukoError

/** What tells a TLS socket that is still shaking hands. */
interface SecureSocket {
  secureConnecting: boolean
}

/** Bounds the wait for the connection and for each byte; returns how a broken exchange is told. */
function watch(outgoing: ClientRequest, url: URL, connectMs: number, silenceMs: number): FailureOf {
  let reason: ZukoError | undefined
  let isConnected = false
  const stop = (error: ZukoError) => {
    reason = error
    outgoing.destroy(error)
  }
  outgoing.once('socket', (socket) => {
    isConnected = !socket.connecting && !(socket as Partial<SecureSocket>).secureConnecting
    if (isConnected) return
    const timer = setTimeout(() => stop(unreachable(url, 'did not accept a connection in time')), connectMs)
    const settle = () => clearTimeout(timer)
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      isConnected = true
      settle()
    })
    socket.once('close', settle)
  })
  if (silenceMs > 0) outgoing.setTimeout(silenceMs, () => stop(silent(url, silenceMs)))
  return (error) => {
    if (reason) return reason
    if (error instanceof ZukoError)
      return new ZukoError(error.code, error.message, { fix: error.fix, data: { unsent: true } })
    return isConnected ? cut(url, error) : unreachable(url, whyNot(error), error)
  }
}

function replyOf(incoming: IncomingMessage, failureOf: FailureOf): UpstreamReply {
  const ended = (onData: (chunk: Buffer) => void) =>
    new Promise<void>((resolve, reject) => {
      incoming.on('data', (chunk: Buffer) => {
        try {
          onData(chunk)
        } catch {
          reject(tooLarge())
          incoming.destroy()
        }
      })
      incoming.once('end', resolve)
      incoming.once('error', (error) => reject(failureOf(error)))
      incoming.once('close', () => {
        if (!incoming.readableEnded) reject(failureOf(new Error('closed')))
      })
    })
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    async read() {
      const chunks: Buffer[] = []
      let length = 0
      await ended((chunk) => {
        length += chunk.length
        if (length > MESSAGE_LIMIT) throw new RangeError('body too large')
        chunks.push(chunk)
      })
      return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    },
    async events(onData) {
      const parser = parseEvents(({ data }) => {
        if (data.length > 0) onData(data)
      }, MESSAGE_LIMIT)
      const failure = await ended((chunk) => parser.push(chunk)).then(
        () => undefined,
        (error: ZukoError) => error,
      )
      return { lastId: parser.lastId, retryMs: parser.retryMs, ...(failure && { failure }) }
    },
    drop: () => drain(incoming),
  }
}

/** Reads a body of no interest to its end, so that the connection can be used again; a long one is cut. */
function drain(incoming: IncomingMessage): void {
  let length = 0
  incoming.on('error', () => {})
  incoming.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > 65_536) incoming.destroy()
  })
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

const tooLarge = (): ZukoError =>
  new ZukoError('UNAVAILABLE', `The server's message is larger than ${MESSAGE_LIMIT / 1048576} MiB.`, {
    fix: 'ask for less at a time',
  })

export const isEventStream = ({ headers }: UpstreamReply): boolean =>
  /^text\/event-stream\b/i.test(headers['content-type'] ?? '')

/** The result in a JSON or SSE reply; undefined where there is none. */
export async function resultOf(reply: UpstreamReply): Promise<Json | undefined> {
  let result: Json | undefined
  const take = (data: Buffer) => {
    const value = parseJson(data)
    if (isObject(value) && isObject(value.result)) result = value.result
  }
  if (isEventStream(reply)) await reply.events(take)
  else take(await reply.read())
  return result
}
