import { createMcpHandler, isLegacyRequest, preloadSchemas } from '@modelcontextprotocol/server'
import { isZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { buildServer, type ServedTools, servedTools } from '../mcp.js'
import type { Store } from '../store/types.js'
import type { Tool } from '../tools/define.js'
import { isSpoken } from '../tools/error-text.js'
import { runCall } from '../tools/parse.js'
import { SCOPES, type Scope } from '../tools/scopes.js'
import { errorFacts } from './error-facts.js'
import type { Admitted } from './exchange.js'
import type { InFlight } from './in-flight.js'
import { serveLegacy } from './legacy.js'

export interface DispatchOptions {
  tools: readonly Tool[]
  store: Store
  inFlight: InFlight
  log: Log
  now: () => Date
  version: string
}

export interface Dispatch {
  /** Serves one message in its own era. `exchange.outcome` tells afterwards how the tool ended. */
  serve(request: Request, json: unknown, exchange: Admitted): Promise<Response>
  close(): Promise<void>
}

/** The tools of each set of scopes, put together once for each set that comes. */
function toolsByScopes(tools: readonly Tool[]): (scopes: readonly Scope[]) => ServedTools {
  const made = new Map<string, ServedTools>()
  return (scopes) => {
    const key = SCOPES.filter((scope) => scopes.includes(scope)).join(' ')
    const served = made.get(key) ?? servedTools(tools.filter(({ scope }) => scopes.includes(scope)))
    made.set(key, served)
    return served
  }
}

/** Message → era → server → tool. Schemas and tables are made here, once; a server is made for each message. */
export function createDispatch({ tools, store, inFlight, log, now, version }: DispatchOptions): Dispatch {
  preloadSchemas()
  const served = toolsByScopes(tools)
  const exchanges = new WeakMap<Request, Admitted>()

  const run = async (exchange: Admitted, tool: Tool, args: unknown): Promise<Record<string, unknown>> => {
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

  const serverFor = (exchange: Admitted) =>
    buildServer({
      tools: served(exchange.principal.scopes),
      call: (tool, args) => run(exchange, tool, args),
      version,
      requestId: exchange.requestId,
    })

  const modern = createMcpHandler(
    ({ requestInfo }) => serverFor(exchanges.get(requestInfo as Request) as Admitted),
    { legacy: 'reject', onerror: (error) => log.debug(errorFacts(error), 'message refused') },
  )

  return {
    async serve(request, json, exchange) {
      if (await isLegacyRequest(request, json)) return serveLegacy(serverFor(exchange), request, json)
      exchanges.set(request, exchange)
      return modern.fetch(request, { parsedBody: json })
    },
    close: () => modern.close(),
  }
}
