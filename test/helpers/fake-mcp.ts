import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { listen } from './http.js'

/** An MCP server that records what it is sent, and answers as a test says. */
export interface FakeMcp {
  url: URL
  /** Every request so far, in order. */
  seen: Seen[]
  /** The bodies of the requests with one method, as JSON. */
  bodies(method: string): Json[]
  /** What is done instead of the usual from now on; undefined is the usual again. */
  misbehave: Handler | undefined
  /** How many requests had their connection closed by the other side before they were answered. */
  closed: number
  close(): Promise<void>
}

export interface Seen {
  method: string
  headers: IncomingHttpHeaders
  text: string
  /** The body as JSON; empty where it is none. */
  body: Json
}

// biome-ignore lint/suspicious/noExplicitAny: tests reach into messages whose shape is what they assert
export type Json = any

/** Answers one request. False leaves it to the usual behaviour. */
export type Handler = (seen: Seen, response: ServerResponse) => unknown

export interface FakeOptions {
  /** Which eras it speaks. */
  era?: 'legacy' | 'modern' | 'both'
  /** The token it wants; undefined is none. */
  token?: () => string | undefined
  /** Opens a session at `initialize`, and forgets the ones not in this set. */
  sessions?: Set<string>
  tools?: Json[]
  path?: string
}

export const ECHO = {
  name: 'echo',
  description: 'Says what it is told.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
}

const INFO = { name: 'fake', version: '1.0.0' }

export async function fakeMcp(options: FakeOptions = {}): Promise<FakeMcp> {
  const fake: Omit<FakeMcp, 'url' | 'close'> = {
    seen: [],
    bodies: (method) => fake.seen.filter(({ body }) => body.method === method).map(({ body }) => body),
    misbehave: undefined,
    closed: 0,
  }
  const server = await listen(async (request, response) => {
    const seen = await record(request)
    fake.seen.push(seen)
    response.on('close', () => {
      if (!response.writableEnded) fake.closed += 1
    })
    if (fake.misbehave && fake.misbehave(seen, response) !== false) return
    usual(options, seen, response)
  })
  return Object.assign(fake, {
    url: new URL(options.path ?? '/mcp', server.origin),
    close: server.close,
  })
}

async function record(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return { method: request.method ?? '', headers: request.headers, text, body: jsonOr(text) }
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** Sends JSON with a status. */
export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Sends events, each a message; `end` closes the stream after them. */
export function events(response: ServerResponse, messages: readonly unknown[], end = true): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const message of messages) response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
  if (end) response.end()
}

export const result = (seen: Seen, value: unknown): unknown => ({
  jsonrpc: '2.0',
  id: seen.body.id,
  result: value,
})

export const failure = (seen: Seen, code: number, message = 'no'): unknown => ({
  jsonrpc: '2.0',
  id: seen.body.id ?? null,
  error: { code, message },
})

/** A legacy server looks at headers only; `_meta` is the host's own business there. */
const versionOf = (seen: Seen): string | undefined =>
  seen.headers['mcp-protocol-version'] === '2026-07-28'
    ? seen.body.params?._meta?.['io.modelcontextprotocol/protocolVersion']
    : undefined

function usual(options: FakeOptions, seen: Seen, response: ServerResponse): unknown {
  const { era = 'both', sessions, token } = options
  if (seen.method !== 'POST') return void response.writeHead(seen.method === 'DELETE' ? 200 : 405).end()
  const wanted = token?.()
  if (wanted !== undefined && seen.headers.authorization !== `Bearer ${wanted}`) {
    return json(response, 401, failure(seen, -32001, 'unauthorized'), { 'www-authenticate': 'Bearer' })
  }
  const isModern = versionOf(seen) !== undefined
  if (isModern && era === 'legacy') return json(response, 400, failure(seen, -32600, 'not initialized'))
  if (!isModern && era === 'modern') return json(response, 400, failure(seen, -32022, 'modern only'))
  if (isModern) return modern(options, seen, response)
  const session = seen.headers['mcp-session-id']
  if (sessions && seen.body.method !== 'initialize' && !sessions.has(String(session))) {
    return json(response, 404, failure({ ...seen, body: {} }, -32001, 'no such session'))
  }
  if (seen.body.id === undefined) return void response.writeHead(202).end()
  legacy(options, seen, response)
}

function legacy({ sessions, tools = [ECHO] }: FakeOptions, seen: Seen, response: ServerResponse): unknown {
  const { method, params } = seen.body
  if (method === 'initialize') {
    const id = `s${(sessions?.size ?? 0) + 1}`
    sessions?.add(id)
    const { protocolVersion } = params
    const value = { protocolVersion, capabilities: { tools: {} }, serverInfo: INFO, instructions: 'Be kind.' }
    return json(response, 200, result(seen, value), sessions ? { 'mcp-session-id': id } : {})
  }
  const value = common(seen, tools)
  json(response, 200, value === undefined ? failure(seen, -32601) : result(seen, value))
}

function modern({ tools = [ECHO] }: FakeOptions, seen: Seen, response: ServerResponse): unknown {
  const { method, headers } = { method: seen.body.method, headers: seen.headers }
  if (headers['mcp-protocol-version'] !== versionOf(seen) || headers['mcp-method'] !== method) {
    return json(response, 400, failure(seen, -32020, 'headers do not match'))
  }
  const introduction = {
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: {} },
    instructions: 'Be kind.',
    _meta: { 'io.modelcontextprotocol/serverInfo': INFO },
  }
  const value = method === 'server/discover' ? introduction : common(seen, tools)
  if (value === undefined || method === 'ping') return json(response, 404, failure(seen, -32601))
  json(response, 200, result(seen, { resultType: 'complete', ttlMs: 1000, cacheScope: 'private', ...value }))
}

function common(seen: Seen, tools: Json[]): Json | undefined {
  const { method, params } = seen.body
  if (method === 'ping') return {}
  if (method === 'tools/list') return { tools }
  if (method !== 'tools/call') return undefined
  return { content: [{ type: 'text', text: params.arguments?.text ?? '' }] }
}
