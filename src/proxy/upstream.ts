import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import { ZukoError } from '../errors.js'
import { agentFor, type ProxyVariables } from './agents.js'
import type { HeaderList } from './headers.js'
import type { Life } from './life.js'
import { MESSAGE_LIMIT } from './lines.js'
import { isObject, type Json, parseJson } from './message.js'
import { type Waiting, watchSilences } from './silence.js'
import { parseEvents } from './sse.js'

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

export interface UpstreamReply {
  status: number
  headers: IncomingMessage['headers']
  /** The whole body. @throws ZukoError UNAVAILABLE when it is cut, too large or the server falls silent */
  read(): Promise<string>
  /** Each event's data until the stream ends. @throws the same */
  events(onData: (data: string) => void): Promise<StreamEnd>
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
  const { protocol, port, pathname, search } = url
  const where = { protocol, port, path: pathname + search, hostname: url.hostname.replace(/^\[|\]$/g, '') }
  const silences = watchSilences()
  let lastUse = Date.now()
  const dropIdle = () => {
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy()
  }
  const send = ({ method, headers, body, life, silenceMs }: UpstreamRequest) =>
    new Promise<UpstreamReply>((resolve, reject) => {
      if (Date.now() - lastUse > TRUSTED_MS) dropIdle()
      lastUse = Date.now()
      const outgoing = request(optionsFor(where, agent, method, complete(headers, url, body)))
      const flight = follow(outgoing, url, connectMs)
      const waiting = silences.wait(silenceMs, () => flight.stop(silent(url, silenceMs)))
      const forget = life.onOver(() => outgoing.destroy())
      const failure = (error: Error) => {
        dropIdle()
        return flight.told(error)
      }
      outgoing.on('error', (error) => reject(failure(error)))
      outgoing.on('response', (incoming) => resolve(replyOf(incoming, waiting, failure)))
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

type FailureOf = (error: Error & { code?: string }) => ZukoError

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
    if (error instanceof ZukoError) {
      return new ZukoError(error.code, error.message, { fix: error.fix, data: { unsent: true } })
    }
    return isConnected ? cut(url, error) : unreachable(url, whyNot(error), error)
  }
  return { stop, told }
}

function replyOf(incoming: IncomingMessage, waiting: Waiting, failureOf: FailureOf): UpstreamReply {
  const ended = (onData: (chunk: Buffer) => void) =>
    new Promise<void>((resolve, reject) => {
      incoming.on('data', (chunk: Buffer) => {
        waiting.heard()
        try {
          onData(chunk)
        } catch {
          reject(tooLarge())
          incoming.destroy()
        }
      })
      incoming.on('end', resolve)
      incoming.on('error', (error) => reject(failureOf(error)))
    })
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    read: () => readBody(ended),
    events: (onData) => readEvents(ended, onData),
    drop: () => drain(incoming),
  }
}

type Ended = (onData: (chunk: Buffer) => void) => Promise<void>

async function readBody(ended: Ended): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  await ended((chunk) => {
    length += chunk.length
    if (length > MESSAGE_LIMIT) throw new RangeError('body too large')
    chunks.push(chunk)
  })
  return (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8')
}

async function readEvents(ended: Ended, onData: (data: string) => void): Promise<StreamEnd> {
  const parser = parseEvents(({ data }) => {
    if (data.length > 0) onData(data)
  }, MESSAGE_LIMIT)
  const failure = await ended((chunk) => parser.push(chunk)).then(
    () => undefined,
    (error: ZukoError) => error,
  )
  return { lastId: parser.lastId, retryMs: parser.retryMs, ...(failure && { failure }) }
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
  const take = (data: string) => {
    const value = parseJson(data)
    if (isObject(value) && isObject(value.result)) result = value.result
  }
  if (isEventStream(reply)) await reply.events(take)
  else take(await reply.read())
  return result
}
