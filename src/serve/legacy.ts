import { type Server, WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/server'

const leave = (signal: AbortSignal): Promise<Response> =>
  new Promise((resolve) => {
    const gone = () => resolve(new Response(null, { status: 499 }))
    if (signal.aborted) gone()
    else signal.addEventListener('abort', gone, { once: true })
  })

/**
 * The leg of MCP 2025-03-26 to 2025-11-25: one message, one server, no session, a plain JSON answer (the
 * SDK's own stateless fallback streams). A caller that leaves ends it; the transport would wait forever.
 */
export async function serveLegacy(server: Server, request: Request, json: unknown): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
  await server.connect(transport)
  try {
    return await Promise.race([transport.handleRequest(request, { parsedBody: json }), leave(request.signal)])
  } finally {
    await server.close()
  }
}
