import { type Checked, INVALID_REQUEST, type RequestId, refuse } from './reply.js'

/** One JSON-RPC request, or a notification when there is no id. */
export interface Message {
  id?: string | number
  method: string
  params?: Record<string, unknown>
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isId = (id: unknown): id is string | number => typeof id === 'string' || Number.isSafeInteger(id)

/** The id to answer with: null for a notification and wherever no id of a request can be read. */
export const idOf = (json: unknown): RequestId =>
  isObject(json) && typeof json.method === 'string' && isId(json.id) ? json.id : null

const invalid = (problem: string) =>
  refuse(400, `Invalid request: ${problem}. Send one JSON-RPC 2.0 request or notification.`, {
    code: INVALID_REQUEST,
  })

/**
 * Arguments of a call that came as text or null, which some hosts make of an object: under a name of their own,
 * so that the tool reads them or says what would be right, where the protocol would only refuse them.
 */
function withArguments(message: Message): Message {
  const { method, params } = message
  if (method !== 'tools/call' || params === undefined || !('arguments' in params)) return message
  const given = params.arguments
  return typeof given === 'string' || given === null
    ? { ...message, params: { ...params, arguments: { arguments: given } } }
    : message
}

/** The one message of a body. Batches (gone since 2025-06-18) and posted responses are refused in both eras. */
export function readMessage(json: unknown): Checked<Message> {
  if (Array.isArray(json)) return invalid('the body is a batch')
  if (!isObject(json) || json.jsonrpc !== '2.0') return invalid('the body is no JSON-RPC 2.0 message')
  if (typeof json.method !== 'string') return invalid('the message names no method')
  if ('id' in json && !isId(json.id)) return invalid('the id is neither a string nor an integer')
  if ('params' in json && !isObject(json.params)) return invalid('params is no object')
  return withArguments(json as unknown as Message)
}

/** The tool that a tools/call names; undefined for any other message. */
export const calledTool = ({ id, method, params }: Message): string | undefined =>
  id !== undefined && method === 'tools/call' && typeof params?.name === 'string' ? params.name : undefined
