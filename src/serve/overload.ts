import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Log } from '../log.js'
import { isEndpoint } from './origin.js'
import { errorPage } from './pages.js'
import { overloaded } from './reply.js'
import { PROBES } from './throttle.js'
import { createTurns, type TurnLimits } from './turns.js'
import { PAGE_HEADERS } from './web.js'

const TITLE = 'Too much at once'
const MESSAGE = 'This server has more to do at the moment than it can. Try again in a second.'
const RETRY_AFTER_S = 1
/** Somewhat less than was told, for who comes back in time. */
const REST_MS = 900
const LOG_EVERY_MS = 1000

interface Answer {
  /** Names and values in turn: the form that costs least to write. */
  headers: string[]
  body: Buffer
}

const answer = (type: string, text: string, more: Record<string, string> = {}): Answer => {
  const body = Buffer.from(text)
  const own = { 'content-type': type, 'content-length': String(body.length), 'cache-control': 'no-store' }
  const headers = { ...more, ...own, 'retry-after': String(RETRY_AFTER_S) }
  return { headers: Object.entries(headers).flat(), body }
}

/** What is answered instead of serving, ready to be written: the kind that the caller can read. */
function createAnswers(): (req: IncomingMessage) => Answer {
  const { code, message } = overloaded.refusal
  const rpc = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } })
  const oauth = JSON.stringify({ error: 'temporarily_unavailable', error_description: MESSAGE })
  const [call, program] = [rpc, oauth].map((text) => answer('application/json', text)) as [Answer, Answer]
  const words = { status: 503, title: TITLE, message: MESSAGE }
  const page = answer('text/html; charset=utf-8', errorPage(words), PAGE_HEADERS)
  return ({ url = '', headers }) => {
    if (isEndpoint(url.split('?', 1)[0] ?? '')) return call
    return headers.accept?.includes('text/html') ? page : program
  }
}

/**
 * Who was told to wait and asks again at once is answered, and then not listened to for as long as was told:
 * refusing costs time that others are served in.
 */
function createPatience(): (socket: Socket) => void {
  const toldAt = new WeakMap<Socket, number>()
  return (socket) => {
    const now = performance.now()
    const last = toldAt.get(socket)
    toldAt.set(socket, now)
    if (last === undefined || now - last > REST_MS) return
    socket.pause()
    setTimeout(() => socket.resume(), REST_MS).unref()
  }
}

/**
 * Serves requests in turn, and turns away at the door, before anything is read or checked, what would have to
 * wait too long: 503 with Retry-After. Probes are always served, so that an overload is no reason to restart.
 */
export function shedding(
  handler: RequestListener,
  log: Log,
  limits?: TurnLimits,
  counted: () => void = () => {},
): RequestListener {
  const turns = createTurns(limits)
  const answerFor = createAnswers()
  const patience = createPatience()
  let shed = 0
  const note = () => {
    if (shed++ > 0) return
    setTimeout(() => {
      log.warn({ requests: shed }, 'more came than can be served')
      shed = 0
    }, LOG_EVERY_MS).unref()
  }
  const serve = (req: IncomingMessage, res: ServerResponse) => {
    if (!res.destroyed) handler(req, res as Parameters<RequestListener>[1])
  }
  return (req, res) => {
    if (PROBES.includes(req.url ?? '')) return serve(req, res)
    if (turns.take(() => serve(req, res))) return
    note()
    counted()
    const { headers, body } = answerFor(req)
    res.writeHead(503, headers).end(body)
    patience(req.socket)
  }
}
