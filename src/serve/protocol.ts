import type { IncomingMessage, ServerResponse } from 'node:http'
import { createMcpHandler, isLegacyRequest, preloadSchemas, type Server } from '@modelcontextprotocol/server'
import type { Log } from '../log.js'
import type { Call } from './dispatch.js'
import { errorFacts } from './error-facts.js'
import { serveLegacy } from './legacy.js'
import type { Reply } from './reply.js'

/** The SDK's own way of serving a message, in the message's era. */
export interface Protocol {
  serve(call: Call): Promise<Reply>
  close(): Promise<void>
}

export interface ProtocolOptions {
  /** The URL of the endpoint. */
  resource: string
  /** The server of one call. */
  serverFor(call: Call): Server
  log: Log
}

/** Aborts when the caller leaves before the answer is written. */
function leaving(res: ServerResponse): AbortSignal {
  const controller = new AbortController()
  if (res.destroyed) controller.abort()
  res.once('close', () => {
    if (!res.writableFinished) controller.abort()
  })
  return controller.signal
}

/** What the protocol reads of a request: its `Mcp-` headers, and never the token. */
function requestOf(req: IncomingMessage, url: string, signal: AbortSignal): Request {
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  })
  for (const [name, value] of Object.entries(req.headers)) {
    if (name.startsWith('mcp-')) headers.set(name, String(value))
  }
  return new Request(url, { method: 'POST', headers, signal })
}

const replyOf = async (response: Response): Promise<Reply> => ({
  status: response.status,
  headers: Object.fromEntries(response.headers),
  body: await response.text(),
})

/** Message → era → server, by the SDK: whatever is not a plain call of a tool, and every refusal of the protocol. */
export function createProtocol({ resource, serverFor, log }: ProtocolOptions): Protocol {
  preloadSchemas()
  const calls = new WeakMap<Request, Call>()
  const modern = createMcpHandler(({ requestInfo }) => serverFor(calls.get(requestInfo as Request) as Call), {
    legacy: 'reject',
    onerror: (error) => log.debug(errorFacts(error), 'message refused'),
  })
  return {
    async serve(call) {
      const { req, res, message } = call
      const request = requestOf(req, resource, leaving(res))
      if (await isLegacyRequest(request, message))
        return replyOf(await serveLegacy(serverFor(call), request, message))
      calls.set(request, call)
      return replyOf(await modern.fetch(request, { parsedBody: message }))
    },
    close: () => modern.close(),
  }
}
