import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { CreateMessageResultSchema, ListRootsResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { acceptedContent, createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { listen } from './http.js'

/** A server made with an SDK, whose tools ask their host for things; each speaks one era only. */
export interface SdkServer {
  url: URL
  /** The list of tools changes. */
  change(): void
  close(): Promise<void>
}

const text = (value: string) => ({ content: [{ type: 'text' as const, text: value }] })
const NAME = z.object({ name: z.string() })
const FORM = {
  message: 'Who are you?',
  requestedSchema: {
    type: 'object' as const,
    properties: { name: { type: 'string' as const } },
    required: ['name'],
  },
}
const PROMPT = (name: string) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `Greet ${name}` } }],
  maxTokens: 50,
})

/** SDK v2, 2026-07-28 alone. `greet` asks a person's name, then a model and the roots together. */
function modern(): McpServer {
  const server = new McpServer(
    { name: 'modern', version: '1.0.0' },
    { capabilities: { tools: { listChanged: true } } },
  )
  server.registerTool('greet', { description: 'Greets.', inputSchema: z.object({}) }, async (_, ctx) => {
    const { inputResponses } = ctx.mcpReq
    const state = ctx.mcpReq.requestState() as string | undefined
    if (state !== undefined) {
      return text(
        `${state}: ${JSON.stringify(inputResponses?.model)} ${JSON.stringify(inputResponses?.roots)}`,
      )
    }
    const accepted = acceptedContent(inputResponses, 'name', NAME)
    if (accepted) {
      const { name } = accepted
      const inputRequests = {
        model: inputRequired.createMessage(PROMPT(name)),
        roots: inputRequired.listRoots(),
      }
      return inputRequired({ inputRequests, requestState: name })
    }
    if (inputResponses?.name) return text('Nobody to greet.')
    return inputRequired({ inputRequests: { name: inputRequired.elicit(FORM) } })
  })
  return server
}

export async function sdkModernServer(): Promise<SdkServer> {
  const handler = createMcpHandler(modern, { legacy: 'reject' })
  const { origin, close } = await listen(async (incoming, outgoing) => {
    const answer = await handler.fetch(await webRequest(incoming, outgoing))
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    if (!answer.body) return void outgoing.end()
    Readable.fromWeb(answer.body as import('node:stream/web').ReadableStream)
      .on('error', () => outgoing.destroy())
      .pipe(outgoing)
  })
  return { url: new URL('/mcp', origin), change: () => handler.notify.toolsChanged(), close }
}

async function webRequest(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const gone = new AbortController()
  outgoing.on('close', () => gone.abort())
  const { method = 'GET', headers, url = '/' } = incoming
  const body = method === 'POST' ? { body: Buffer.concat(chunks) } : {}
  return new Request(new URL(url, `http://${headers.host}`), {
    method,
    headers: headers as Record<string, string>,
    signal: gone.signal,
    ...body,
  })
}

/** SDK v1 with sessions. `greet` asks on the stream of its call, `greet-aside` on the server's own. */
function legacy(): McpServerV1 {
  const server = new McpServerV1({ name: 'legacy', version: '1.0.0' })
  server.registerTool('greet', { description: 'Greets.' }, async (extra) => {
    const asked = await server.server.elicitInput(FORM, { relatedRequestId: extra.requestId })
    if (asked.action !== 'accept') return text('Nobody to greet.')
    const [model, roots] = await Promise.all([
      extra.sendRequest(
        { method: 'sampling/createMessage', params: PROMPT(String(asked.content?.name)) },
        CreateMessageResultSchema,
      ),
      extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema),
    ])
    return text(`${asked.content?.name}: ${JSON.stringify(model)} ${JSON.stringify(roots)}`)
  })
  server.registerTool('greet-aside', { description: 'Greets.' }, async () => {
    const asked = await server.server.elicitInput(FORM)
    return text(`${asked.action} ${asked.content?.name}`)
  })
  return server
}

export async function sdkLegacyServer(): Promise<SdkServer> {
  const sessions = new Map<string, { server: McpServerV1; transport: StreamableHTTPServerTransport }>()
  const open = async () => {
    const server = legacy()
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, { server, transport }),
    })
    await server.connect(transport as Parameters<typeof server.connect>[0])
    return { server, transport }
  }
  const { origin, close } = await listen(async (incoming, outgoing) => {
    const session = sessions.get(String(incoming.headers['mcp-session-id'])) ?? (await open())
    await session.transport.handleRequest(incoming, outgoing)
  })
  const change = () => {
    for (const { server } of sessions.values()) server.sendToolListChanged()
  }
  return { url: new URL('/mcp', origin), change, close }
}
