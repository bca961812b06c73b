import type { OutgoingHttpHeaders } from 'node:http'
import { isObject, type Json, type Message, objectOr } from './message.js'

/** Headers that MCP 2026-07-28 (Streamable HTTP, Request Metadata) has mirrored from each body. */

/** Where the name of each method stands in its params. */
const NAMED: Record<string, string> = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri' }

/** Where in a tool's arguments the values of its `Mcp-Param-*` headers stand: header name → property path. */
export type ParamPaths = ReadonlyMap<string, readonly string[]>

/** `Mcp-Method`, `Mcp-Name` and `Mcp-Param-*` of a modern request. */
export function mirroredHeaders(
  { method, params }: Message,
  paths: ParamPaths | undefined,
): OutgoingHttpHeaders {
  if (method === undefined) return {}
  const headers: OutgoingHttpHeaders = { 'Mcp-Method': encodeValue(method) }
  const name = params?.[NAMED[method] ?? '']
  if (typeof name === 'string') headers['Mcp-Name'] = encodeValue(name)
  if (method === 'tools/call' && paths)
    Object.assign(headers, paramHeaders(objectOr(params?.arguments), paths))
  return headers
}

function paramHeaders(args: Json, paths: ParamPaths): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const [name, path] of paths) {
    const value = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), args)
    if (['string', 'number', 'boolean'].includes(typeof value)) {
      headers[`Mcp-Param-${name}`] = encodeValue(String(value))
    }
  }
  return headers
}

/** A value as it is where a header can carry it, else its UTF-8 in the Base64 sentinel (Value Encoding). */
export function encodeValue(value: string): string {
  const isPlain = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/.test(value) || value === ''
  const looksEncoded = value.startsWith('=?base64?') && value.endsWith('?=')
  return isPlain && !looksEncoded ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`
}
