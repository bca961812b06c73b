import { isZukoError } from '../errors.js'
import type { Call, Id, Json } from './message.js'
import type { SignIn } from './types.js'

/** The bridge's own answers, for the requests that the server gave none. */

export const INTERNAL_ERROR = -32603

export const resultAnswer = (id: Id, result: Json): string => JSON.stringify({ jsonrpc: '2.0', id, result })

export const errorAnswer = (id: Id | null, message: string, code = INTERNAL_ERROR, data?: Json): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data && { data }) } })

/** What a thrown error tells the host: our own words, or for a fault of the bridge nothing but its first line. */
export function wordsOf(error: unknown): string {
  if (!isZukoError(error)) return `The bridge failed: ${(error as Error).message?.split('\n', 1)[0]}.`
  return error.fix === undefined ? error.message : `${error.message} Fix: ${error.fix}.`
}

/** A call that needs the login: words that a model can pass on to the person. Other requests get an error. */
export function signInAnswer({ id, method }: Call, host: string, { url, code }: SignIn): string {
  const how = code === undefined ? 'sign in' : `enter the code ${code}, sign in`
  const text = `Sign-in needed: ${host} wants to know who you are before it answers. Fix: open this address in a browser, ${how}, then try again: ${url}`
  if (method === 'tools/call') return toolError(id, text)
  return errorAnswer(id, text, INTERNAL_ERROR, { url, ...(code !== undefined && { code }) })
}

/** What cannot be done, in words for whoever reads the answer: a model that called a tool, else the host. */
export function failureAnswer({ id, method }: Call, words: string): string {
  return method === 'tools/call' ? toolError(id, words) : errorAnswer(id, words)
}

const toolError = (id: Id, text: string): string =>
  resultAnswer(id, { content: [{ type: 'text', text }], isError: true, resultType: 'complete' })

/** What to do about each HTTP status that came without a JSON-RPC answer. */
const STATUS_FIXES: Record<number, string> = {
  401: 'run `zuko-mcp proxy login`, or check the token or header that you gave',
  403: 'ask whoever runs the server for access, or sign in as somebody else with `zuko-mcp proxy login`',
  404: 'check the address: MCP servers usually end in /mcp or /api/mcp',
  405: 'check the address: it does not take POST, so it is not an MCP endpoint',
  429: 'wait a moment, then try again',
}

/** Words for a reply that holds no answer: what came, and what would be right. */
export function wordsForStatus(
  host: string,
  status: number,
  headers: Readonly<Record<string, unknown>>,
): string {
  const type = String(headers['content-type'] ?? 'no content type').split(';', 1)[0]
  if (status >= 300 && status < 400) {
    return `The server ${host} wants to be asked elsewhere: ${String(headers.location)}. Fix: use that address if you trust it.`
  }
  if (status >= 200 && status < 300) {
    return `The server ${host} answered ${status} (${type}) without an answer to the request. Fix: check that the address is an MCP endpoint.`
  }
  const wait =
    headers['retry-after'] === undefined ? '' : `, after ${String(headers['retry-after'])} s at the earliest`
  const fix = STATUS_FIXES[status] ?? (status >= 500 ? 'try again later' : 'check the address')
  return `The server ${host} answered HTTP ${status}. Fix: ${fix}${wait}.`
}
