import type { IncomingMessage, ServerResponse } from 'node:http'

/** A JSON-RPC id as it is echoed; null where none could be read (JSON-RPC 2.0 section 5). */
export type RequestId = string | number | null

/**
 * An answer that is no result: an HTTP status and a JSON-RPC error in one. Our own `code` is the HTTP status,
 * because MCP 2026-07-28 basic/index keeps -32768..-32000 to codes that it defines.
 */
export interface Refusal {
  status: number
  code: number
  message: string
  headers: Record<string, string>
}

/** Either a value or the reason why there is none. */
export type Checked<T> = T | { refusal: Refusal }

/** Codes that JSON-RPC 2.0 section 5.1 defines. */
export const PARSE_ERROR = -32700
export const INVALID_REQUEST = -32600
export const INTERNAL_ERROR = -32603

export const refuse = (
  status: number,
  message: string,
  details: { code?: number; headers?: Record<string, string> } = {},
): { refusal: Refusal } => ({
  refusal: { status, message, code: details.code ?? status, headers: details.headers ?? {} },
})

/** The store or the keys do not answer: nothing is wrong with the call, it may be sent again. */
export const unavailable = (what: string): { refusal: Refusal } =>
  refuse(503, `${what} does not answer at the moment. Send the same call again in a second.`, {
    code: INTERNAL_ERROR,
    headers: { 'Retry-After': '1' },
  })

/** More calls are under way than can be served soon: this one was not begun. */
export const overloaded = refuse(
  503,
  'More is asked of this server at the moment than it can do. Send the same call again in a few seconds.',
  { headers: { 'Retry-After': '1' } },
)

/** An answer as it is written. */
export interface Reply {
  status: number
  headers: Record<string, string>
  body: string
}

/** A reply of JSON text. */
export const jsonReply = (status: number, body: string, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { ...headers, 'content-type': 'application/json' },
  body,
})

export const refusalReply = ({ status, code, message, headers }: Refusal, id: RequestId): Reply =>
  jsonReply(status, JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }), headers)

/** Who called has left: nothing is written, and the log says so. */
export const GONE: Reply = { status: 499, headers: {}, body: '' }

/** Writes a reply; a client that has left gets nothing. */
export function send(
  res: ServerResponse,
  { status, headers, body }: Reply,
  extra: Record<string, string> = {},
): void {
  if (res.destroyed) return
  const fixed = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }
  for (const [name, value] of Object.entries({ ...headers, ...fixed, ...extra })) res.setHeader(name, value)
  res.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body)
}

/** The name of a header that must come once and came twice; which one counts would be a guess. */
export function duplicateHeader(req: IncomingMessage): string | undefined {
  const seen = new Set<string>()
  for (let index = 0; index < req.rawHeaders.length; index += 2) {
    const name = req.rawHeaders[index]?.toLowerCase() ?? ''
    if (!['host', 'authorization', 'content-length'].includes(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}
