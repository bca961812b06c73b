import type { IncomingMessage, ServerResponse } from 'node:http'
import { isZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { buildServer, type Era, type ServedTools, servedTools } from '../mcp.js'
import type { Store } from '../store/types.js'
import type { Tool } from '../tools/define.js'
import { isSpoken } from '../tools/error-text.js'
import { runCall } from '../tools/parse.js'
import { SCOPES, type Scope } from '../tools/scopes.js'
import { errorFacts } from './error-facts.js'
import type { Admitted } from './exchange.js'
import type { InFlight } from './in-flight.js'
import type { Message } from './message.js'
import { plainEra } from './plain.js'
import { createProtocol } from './protocol.js'
import { type Checked, GONE, jsonReply, type Reply, unavailable } from './reply.js'
import { createResults } from './results.js'

/** One admitted message, and the HTTP exchange that it came in. */
export interface Call {
  req: IncomingMessage
  res: ServerResponse
  message: Message
  exchange: Admitted
}

export interface DispatchOptions {
  /** The URL of the endpoint. */
  resource: string
  tools: readonly Tool[]
  store: Store
  inFlight: InFlight
  log: Log
  now: () => Date
  version: string
}

export interface Dispatch {
  /** Serves one message in its own era. `exchange.outcome` tells afterwards how the tool ended. */
  serve(call: Call): Promise<Checked<Reply>>
  close(): Promise<void>
}

/** What `make` makes of the tools of each set of scopes, once for each set that comes. */
function byScopes<Made>(tools: readonly Tool[], make: (tools: ServedTools) => Made) {
  const made = new Map<string, Made>()
  return (scopes: readonly Scope[]): Made => {
    const key = SCOPES.filter((scope) => scopes.includes(scope)).join(' ')
    const one = made.get(key) ?? make(servedTools(tools.filter(({ scope }) => scopes.includes(scope))))
    made.set(key, one)
    return one
  }
}

/** Resolves when the caller leaves; never, when the answer is written before that. */
const leaving = (res: ServerResponse): Promise<Reply> =>
  new Promise((resolve) => {
    if (res.destroyed) resolve(GONE)
    else res.once('close', () => resolve(GONE))
  })

const resultReply = ({ id }: Message, result: string): Reply =>
  jsonReply(200, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`)

/** Runs a tool for a caller, and notes how it ended. */
function createRun({ store, inFlight, log, now }: DispatchOptions) {
  return async (exchange: Admitted, tool: Tool, args: unknown): Promise<Record<string, unknown>> => {
    const { requestId, principal } = exchange
    try {
      const value = await inFlight.track(runCall(tool, args, { store, caller: principal.caller, now }))
      exchange.outcome = 'ok'
      return value
    } catch (error) {
      const busy = isZukoError(error, 'UNAVAILABLE')
      exchange.outcome = isSpoken(error) ? error.code : busy ? 'UNAVAILABLE' : 'INTERNAL'
      if (!isSpoken(error)) log.error({ requestId, tool: tool.name, ...errorFacts(error) }, 'tool failed')
      throw error
    }
  }
}

/** Message → era → tool: at once where the message is plain, through the SDK where it is not. */
export function createDispatch(options: DispatchOptions): Dispatch {
  const { resource, tools, log, version } = options
  const results = createResults(version)
  const served = byScopes(tools, (some) => ({
    some,
    lists: { modern: results.tools('modern', some), legacy: results.tools('legacy', some) },
  }))

  const run = createRun(options)
  const protocol = createProtocol({
    resource,
    log,
    serverFor: ({ exchange }) =>
      buildServer({
        tools: served(exchange.principal.scopes).some,
        call: (tool, args) => run(exchange, tool, args),
        version,
        requestId: exchange.requestId,
      }),
  })

  const answer = async (era: Era, tool: Tool, { message, exchange }: Call): Promise<Checked<Reply>> => {
    try {
      const value = await run(exchange, tool, message.params?.arguments)
      return resultReply(message, results.value(era, tool, value))
    } catch (error) {
      if (isZukoError(error, 'UNAVAILABLE')) return unavailable('The store')
      return resultReply(message, results.error(era, error, exchange.requestId))
    }
  }

  /** Undefined where the SDK has the word: the message is not plain, or names a tool that there is not. */
  const serveAtOnce = (call: Call): Promise<Checked<Reply>> | Reply | undefined => {
    const { req, message, exchange } = call
    const era = plainEra(message, req.headers)
    if (era === undefined) return undefined
    const { some, lists } = served(exchange.principal.scopes)
    if (message.method === 'tools/list') return resultReply(message, lists[era])
    const tool = some.byName.get(String(message.params?.name))
    return tool && answer(era, tool, call)
  }

  const serveThroughSdk = async (call: Call): Promise<Checked<Reply>> => {
    const reply = await protocol.serve(call)
    return call.exchange.outcome === 'UNAVAILABLE' ? unavailable('The store') : reply
  }

  return {
    serve: (call) => Promise.race([serveAtOnce(call) ?? serveThroughSdk(call), leaving(call.res)]),
    close: () => protocol.close(),
  }
}
