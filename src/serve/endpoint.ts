import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PublicUrls } from '../config.js'
import type { Log } from '../log.js'
import type { ScopeNames } from '../scope-names.js'
import type { Store } from '../store/types.js'
import type { Tool } from '../tools/define.js'
import { TOOLS } from '../tools/index.js'
import { createAdmission } from './admission.js'
import { readJson } from './body.js'
import { type Call, createDispatch } from './dispatch.js'
import { errorFacts } from './error-facts.js'
import { type Exchange, logExchange, openExchange } from './exchange.js'
import type { Guard, Principal } from './guard.js'
import { createInFlight } from './in-flight.js'
import { idOf, type Message, readMessage } from './message.js'
import type { RateLimit } from './rate-limit.js'
import {
  type Checked,
  INTERNAL_ERROR,
  overloaded,
  type Reply,
  refusalReply,
  refuse,
  send,
  unavailable,
} from './reply.js'
import { outcomeOf, SILENT, type Telemetry, type Verification } from './telemetry.js'

export interface EndpointOptions {
  urls: PublicUrls
  /** What the authorization server calls the scopes; ours unless it is another product. */
  scopeNames?: ScopeNames | undefined
  store: Store
  guard: Guard
  /** Tool calls per person; undefined is no limit. */
  rateLimit?: RateLimit | undefined
  /** Requests without a valid token per address; undefined is no limit. */
  strangers?: RateLimit | undefined
  log: Log
  now: () => Date
  version: string
  /** Who watches; nobody unless given. */
  telemetry?: Telemetry
  /** The tools to serve, in the order of the list; ours unless a test brings its own. */
  tools?: readonly Tool[]
}

export interface Endpoint {
  /** Answers one request to /api/mcp. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
  /** How many calls are under way, including those whose caller has left. */
  active(): number
  /** Waits until no call is under way, at most `deadlineMs`. Connections close after their next answer. */
  drain(deadlineMs: number): Promise<void>
  /** Ends what is still under way; every later request is told to come back. */
  close(): Promise<void>
}

/** Calls at the tools at once: more would wait for a slow database longer than anybody waits for an answer. */
const MOST_CALLS = 500

const methodNotAllowed = refuse(405, 'Only POST is served here.', { headers: { Allow: 'POST' } })
const failed = (requestId: string) =>
  refuse(500, `Something went wrong here; its reference is ${requestId}.`, { code: INTERNAL_ERROR })

/** Notes for the log what a message asks for, in words of ours or of the protocol's grammar. */
function describe(exchange: Exchange, { method, params }: Message, tools: ReadonlyMap<string, Tool>): void {
  if (/^[\w/]{1,64}$/.test(method)) exchange.method = method
  if (method !== 'tools/call') return
  const tool = typeof params?.name === 'string' ? tools.get(params.name) : undefined
  if (tool) exchange.tool = tool.name
  else exchange.outcome = 'refused'
}

/** How the check of a request's token ended. */
function verificationOf({ headers }: IncomingMessage, checked: Checked<Principal>): Verification {
  if (!('refusal' in checked)) return 'accepted'
  if (checked.refusal.status >= 500) return 'unavailable'
  return headers.authorization === undefined ? 'missing' : 'refused'
}

type Http = Pick<Call, 'req' | 'res'>

/** What the log and whoever watches are told of an answer. */
function tell(log: Log, telemetry: Telemetry, exchange: Exchange, status: number): void {
  logExchange(log, exchange, status)
  const outcome = outcomeOf(exchange, status)
  if (exchange.method) telemetry.answered(exchange, outcome)
  exchange.span?.end(outcome)
}

/** The MCP endpoint of both eras: gate → body → scope and rate → era → tool. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { guard, log, tools = TOOLS, telemetry = SILENT } = options
  const inFlight = createInFlight()
  const calls = createInFlight()
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  const admission = createAdmission({ ...options, tools: byName })
  const dispatch = createDispatch({
    ...{ ...options, tools, inFlight },
    store: telemetry.watched(options.store),
    resource: options.urls.resource,
  })
  let state: 'open' | 'draining' | 'closed' = 'open'

  const answer = async ({ req, res }: Http, exchange: Exchange): Promise<Checked<Reply>> => {
    if (req.method !== 'POST') return methodNotAllowed
    if (state === 'closed') return unavailable('This server is shutting down and')
    const principal = await guard.check(req, exchange.requestId)
    telemetry.verified(verificationOf(req, principal))
    if ('refusal' in principal) return admission.turnAway(req, principal)
    const admitted = Object.assign(exchange, { principal })
    const body = await readJson(req)
    if ('refusal' in body) return body
    exchange.id = idOf(body.json)
    const message = readMessage(body.json)
    if ('refusal' in message) return message
    describe(exchange, message, byName)
    exchange.span = telemetry.begin(exchange, message, req.headers)
    const refused = await admission.admit(message, principal)
    if (refused) return refused
    if (calls.active() >= MOST_CALLS) return overloaded
    const serve = () => dispatch.serve({ req, res, message, exchange: admitted })
    return calls.track(exchange.span ? exchange.span.run(serve) : serve())
  }

  const respond = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const exchange = openExchange()
    const answered = await answer({ req, res }, exchange).catch((error: unknown) => {
      log.error({ requestId: exchange.requestId, ...errorFacts(error) }, 'request failed')
      return failed(exchange.requestId)
    })
    const reply = 'refusal' in answered ? refusalReply(answered.refusal, exchange.id) : answered
    const closing = state === 'open' ? {} : { connection: 'close' }
    tell(log, telemetry, exchange, reply.status)
    send(res, reply, { 'x-request-id': exchange.requestId, ...closing })
  }

  return {
    handle: (req, res) => inFlight.track(respond(req, res)),
    active: inFlight.active,
    drain(deadlineMs) {
      state = 'draining'
      return inFlight.idle(deadlineMs)
    },
    close() {
      state = 'closed'
      return dispatch.close()
    },
  }
}
