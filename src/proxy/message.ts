import { isUtf8 } from 'node:buffer'

/** JSON-RPC messages as they pass. Only what routing needs is read; the bytes stay what they were. */

export type Id = string | number
export type Json = Record<string, unknown>

/** A request that waits for its one answer. */
export interface Call {
  id: Id
  method: string
  params: Json | undefined
}

export interface Message {
  /** The line as it came; its bytes are the UTF-8 of this. */
  text: string
  value: Json | unknown[]
  /** The requests in it: one, none for a notification or a response, several for a batch (2025-03-26). */
  calls: Call[]
  /** The method of a single request or notification. */
  method: string | undefined
  params: Json | undefined
  /** The revision that a modern body names in `_meta` (2026-07-28 and later); a legacy body names none. */
  version: string | undefined
}

export const META_VERSION = 'io.modelcontextprotocol/protocolVersion'
export const META_CLIENT_INFO = 'io.modelcontextprotocol/clientInfo'
export const META_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
export const META_SERVER_INFO = 'io.modelcontextprotocol/serverInfo'
export const META_SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId'
export const META_LOG_LEVEL = 'io.modelcontextprotocol/logLevel'

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOr = (value: unknown): Json => (isObject(value) ? value : {})

export const isId = (value: unknown): value is Id => typeof value === 'string' || typeof value === 'number'

/** A line as a message; undefined where it is not JSON in UTF-8, or neither an object nor an array. */
export function readMessage(bytes: Buffer): Message | undefined {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : ''
  const value = parseJson(text)
  if (isObject(value)) return fromObject(text, value)
  if (!Array.isArray(value)) return undefined
  const calls = value.flatMap((part) => (isObject(part) ? (callOf(part) ?? []) : []))
  return { text, value, calls, method: undefined, params: undefined, version: undefined }
}

/** Neither a request nor a notification. */
export const isResponse = ({ method, calls }: Message): boolean => method === undefined && calls.length === 0

/** JSON or undefined, which no JSON is. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A message of our own making. */
export const messageFrom = (value: Json): Message => fromObject(JSON.stringify(value), value)

function fromObject(text: string, value: Json): Message {
  const call = callOf(value)
  const params = isObject(value.params) ? value.params : undefined
  const version = objectOr(params?._meta)[META_VERSION]
  return {
    text,
    value,
    calls: call ? [call] : [],
    method: typeof value.method === 'string' ? value.method : undefined,
    params,
    version: typeof version === 'string' ? version : undefined,
  }
}

function callOf({ id, method, params }: Json): Call | undefined {
  if (!isId(id) || typeof method !== 'string') return undefined
  return { id, method, params: isObject(params) ? params : undefined }
}

/**
 * Valid JSON on one line: a raw newline can only stand between tokens there, so a space says the same and
 * every other character stays.
 */
export const onOneLine = (json: string): string =>
  json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]/g, ' ') : json
