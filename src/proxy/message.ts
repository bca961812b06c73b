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
  /** The line as it came. */
  bytes: Buffer
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

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectOr = (value: unknown): Json => (isObject(value) ? value : {})

export const isId = (value: unknown): value is Id => typeof value === 'string' || typeof value === 'number'

/** A line as a message; undefined where it is not JSON or neither an object nor an array. */
export function readMessage(bytes: Buffer): Message | undefined {
  const value = parseJson(bytes)
  if (isObject(value)) return fromObject(bytes, value)
  if (!Array.isArray(value)) return undefined
  const calls = value.flatMap((part) => (isObject(part) ? (callOf(part) ?? []) : []))
  return { bytes, value, calls, method: undefined, params: undefined, version: undefined }
}

/** JSON or undefined, which no JSON is. */
export function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}

/** A message of our own making. */
export const messageFrom = (value: Json): Message => fromObject(Buffer.from(JSON.stringify(value)), value)

function fromObject(bytes: Buffer, value: Json): Message {
  const call = callOf(value)
  const params = isObject(value.params) ? value.params : undefined
  const version = objectOr(params?._meta)[META_VERSION]
  return {
    bytes,
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
 * every other byte stays.
 */
export function onOneLine(json: Buffer): Buffer {
  if (!json.includes(0x0a) && !json.includes(0x0d)) return json
  return Buffer.from(json.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte)))
}
