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
const MESSAGE = 'This server has more to do at the moment than it can. Try again in a few seconds.'
/** Seconds. What is turned away is told one more for each time that it is as much as what is served, so far. */
const MOST_RETRY_AFTER = 5
/** Somewhat less than a second that was told, for who comes back in time. */
const REST_MS = 900
const LOG_EVERY_MS = 1000

interface Answer {
  /** Names and values in turn: the form that costs least to write. */
  headers: string[]
  body: Buffer
}

/** The answer for each number of seconds. */
const answers = (type: string, text: string, more: Record<string, string> = {}): Answer[] => {
  const body = Buffer.from(text)
  const own = { 'content-type': type, 'content-length': String(body.length), 'cache-control': 'no-store' }
  return Array.from({ length: MOST_RETRY_AFTER + 1 }, (_, seconds) => ({
    headers: Object.entries({ ...more, ...own, 'retry-after': String(seconds) }).flat(),
    body,
  }))
}

/** What is answered instead of serving, ready to be written: the kind that the caller can read. */
function createAnswers(): (req: IncomingMessage, seconds: number) => Answer {
  const { code, message } = overloaded.refusal
  const rpc = JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } })
  const oauth = JSON.stringify({ error: 'temporarily_unavailable', error_description: MESSAGE })
  const [call, program] = [answers('application/json', rpc), answers('application/json', oauth)]
  const words = { status: 503, title: TITLE, message: MESSAGE }
  const page = answers('text/html; charset=utf-8', errorPage(words), PAGE_HEADERS)
  const kindOf = ({ url = '', headers }: IncomingMessage): Answer[] => {
    if (isEndpoint(url.split('?', 1)[0] ?? '')) return call
    return headers.accept?.includes('text/html') ? page : program
  }
  return (req, seconds) => kindOf(req)[seconds] as Answer
}

/** Counts what is served and what is turned away, second by second, and tells when to come back. */
function createPace() {
  let [since, served, shed, seconds] = [performance.now(), 0, 0, 1]
  const look = () => {
    const now = performance.now()
    if (now - since < 1000) return
    seconds = Math.min(Math.max(Math.ceil(shed / Math.max(served, 1)), 1), MOST_RETRY_AFTER)
    ;[since, served, shed] = [now, 0, 0]
  }
  return {
    served(): void {
      look()
      served += 1
    },
    /** Answers in how many seconds to come back. */
    shed(): number {
      look()
      shed += 1
      return seconds
    },
  }
}

/**
 * Who was told to wait and asks again at once is answered, and then not listened to for as long as was told:
 * refusing costs time that others are served in.
 */
function createPatience(): (socket: Socket, seconds: number) => void {
  const restsUntil = new WeakMap<Socket, number>()
  return (socket, seconds) => {
    const now = performance.now()
    const until = restsUntil.get(socket)
    restsUntil.set(socket, now + seconds * REST_MS)
    if (until === undefined || now >= until) return
    socket.pause()
    setTimeout(() => socket.resume(), seconds * REST_MS).unref()
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
  const pace = createPace()
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
    if (turns.take(() => serve(req, res))) return pace.served()
    note()
    counted()
    const seconds = pace.shed()
    const { headers, body } = answerFor(req, seconds)
    res.writeHead(503, headers).end(body)
    patience(req.socket, seconds)
  }
}
