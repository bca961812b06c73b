import { type Call, isObject, type Json, type Message, objectOr } from './message.js'
import type { ToolHeaders } from './tool-list.js'

/** Headers as they are sent: name, value, name, value. Node takes them so without a look at each. */
export type HeaderList = readonly string[]

/** Where the name of each method stands in its params. */
const NAMED: Record<string, string> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

/** What a request is about, where its method has a name for that. */
export const nameOf = ({ method, params }: Pick<Call, 'method' | 'params'>): unknown =>
  params?.[NAMED[method] ?? '']

/** Where in a tool's arguments the values of its `Mcp-Param-*` headers stand: header name → property path. */
export type ParamPaths = ReadonlyMap<string, readonly string[]>

/**
 * What a modern request has mirrored from its body (MCP 2026-07-28 Streamable HTTP, Request Metadata): its
 * revision, method and name, and the arguments that its tool annotates.
 */
function mirroredHeaders({ version, method, params }: Message, paths: ParamPaths | undefined): HeaderList {
  const headers = ['MCP-Protocol-Version', encodeValue(version ?? '')]
  if (method === undefined) return headers
  headers.push('Mcp-Method', encodeValue(method))
  const name = nameOf({ method, params })
  if (typeof name === 'string') headers.push('Mcp-Name', encodeValue(name))
  if (method === 'tools/call' && paths) headers.push(...paramHeaders(objectOr(params?.arguments), paths))
  return headers
}

/** A modern message with the headers that mirror it. */
export const asModern = (message: Message, tools: ToolHeaders): { body: string; headers: HeaderList } => ({
  body: message.text,
  headers: mirroredHeaders(message, tools.pathsOf(message.params?.name)),
})

function paramHeaders(args: Json, paths: ParamPaths): HeaderList {
  return Array.from(paths, ([name, path]) => {
    const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), args)
    const isThere = ['string', 'number', 'boolean'].includes(typeof value)
    return isThere ? [`Mcp-Param-${name}`, encodeValue(String(value))] : []
  }).flat()
}

/** A value as it is where a header can carry it, else its UTF-8 in the Base64 sentinel (Value Encoding). */
export function encodeValue(value: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) || value === ''
  const looksEncoded = value.startsWith('=?base64?') && value.endsWith('?=')
  return isPlain && !looksEncoded ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`
}
