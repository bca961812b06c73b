import type { IncomingMessage } from 'node:http'
import { ZukoError } from '../errors.js'
import { MESSAGE_LIMIT } from './lines.js'
import { isObject, type Json, parseJson } from './message.js'
import type { Waiting } from './silence.js'
import { parseEvents } from './sse.js'

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

/** How a broken exchange is told. */
export type FailureOf = (error: Error & { code?: string }) => ZukoError

export function replyOf(incoming: IncomingMessage, waiting: Waiting, failureOf: FailureOf): UpstreamReply {
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
