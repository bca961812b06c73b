/**
 * What most requests are: a list or a call of tools with nothing out of the ordinary, in either era. The SDK's path
 * of web requests, transports and schemas costs several times what such a request does; these are answered without
 * it, as it would answer them. Whatever else comes, and whatever might be refused, is the SDK's to judge.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { classifyInboundRequest } from '@modelcontextprotocol/server'
import { type Era, LEGACY_VERSIONS, MODERN_VERSION } from '../mcp.js'
import type { Message } from './message.js'

type Fields = Record<string, unknown>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasOnly = (fields: Fields, names: readonly string[]): boolean =>
  Object.keys(fields).every((name) => names.includes(name))

const isPlainToken = (token: unknown): boolean =>
  token === undefined || typeof token === 'string' || Number.isSafeInteger(token)

/** What the protocol gives a meaning of its own beside the envelope that `classifyInboundRequest` has judged. */
const RESERVED =
  /^(?:traceparent|tracestate|baggage|io\.modelcontextprotocol\/(?!protocolVersion$|client(?:Info|Capabilities)$))/

function isPlainMeta(meta: unknown): boolean {
  if (meta === undefined) return true
  return (
    isObject(meta) && isPlainToken(meta.progressToken) && !Object.keys(meta).some((key) => RESERVED.test(key))
  )
}

const isPlainArguments = (given: unknown): boolean =>
  given === undefined || (isObject(given) && !Object.hasOwn(given, '__proto__'))

function isPlain({ id, method, params = {} }: Message): boolean {
  if (id === undefined || !isPlainMeta(params._meta)) return false
  if (method === 'tools/list') return hasOnly(params, ['_meta'])
  const isCall = method === 'tools/call' && typeof params.name === 'string'
  return isCall && hasOnly(params, ['name', 'arguments', '_meta']) && isPlainArguments(params.arguments)
}

/**
 * The era of a plain list or call of tools, judged by the SDK's own classification of envelope and headers; a modern
 * one says in its headers exactly what its body says. Undefined for every other message.
 */
export function plainEra(message: Message, headers: IncomingHttpHeaders): Era | undefined {
  if (!isPlain(message)) return undefined
  const version = headers['mcp-protocol-version']
  const [method, name] = [headers['mcp-method'], headers['mcp-name']]
  if ([version, method, name].some(Array.isArray)) return undefined
  const { kind } = classifyInboundRequest({
    httpMethod: 'POST',
    ...(version !== undefined && { protocolVersionHeader: String(version) }),
    ...(method !== undefined && { mcpMethodHeader: String(method) }),
    ...(name !== undefined && { mcpNameHeader: String(name) }),
    body: message,
  })
  if (kind === 'legacy') {
    return version === undefined || LEGACY_VERSIONS.includes(String(version)) ? 'legacy' : undefined
  }
  const said = version === MODERN_VERSION && method === message.method && name === message.params?.name
  return kind === 'modern' && said ? 'modern' : undefined
}
