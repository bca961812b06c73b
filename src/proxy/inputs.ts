import { randomUUID } from 'node:crypto'
import { isObject, type Json, objectOr } from './message.js'

/**
 * What a server may ask of a host in the middle of a call. In the legacy era these are requests of their own;
 * since 2026-07-28 they stand in a result with `resultType: "input_required"`, which the host answers in a retry
 * (basic/patterns/mrtr).
 */
export interface InputRequest {
  method: string
  params: Json | undefined
}

export const isInputRequired = (result: Json): boolean => result.resultType === 'input_required'

/** The requests in whose course a server may ask (Supported Requests). */
export const MAY_ASK = ['tools/call', 'prompts/get', 'resources/read']

/** How many things a server may ask for at once. */
export const MOST_INPUTS = 16

const CAPABILITIES: Record<string, string> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
}

/** The capabilities by which a host says that it may be asked; the others are no server's concern here. */
export const inputCapabilities = (capabilities: Json): Json =>
  Object.fromEntries(
    Object.values(CAPABILITIES)
      .filter((name) => isObject(capabilities[name]))
      .map((name) => [name, name === 'roots' ? {} : capabilities[name]]),
  )

export const inputRequest = (value: unknown): InputRequest | undefined => {
  const { method, params } = objectOr(value)
  if (typeof method !== 'string' || !Object.hasOwn(CAPABILITIES, method)) return undefined
  return { method, params: isObject(params) ? params : undefined }
}

/** The capability that a host would have to declare to be asked this; undefined where it did. */
export function undeclared({ method, params }: InputRequest, capabilities: Json): string | undefined {
  const name = CAPABILITIES[method] ?? method
  const declared = capabilities[name]
  if (!isObject(declared)) return name
  const part = partOf(name, params)
  const isForm = part === 'form' && declared.url === undefined
  return part === undefined || isForm || declared[part] !== undefined ? undefined : `${name}.${part}`
}

/** A declaration of elicitation without modes means forms; tools in sampling are declared apart. */
function partOf(name: string, params: Json | undefined): string | undefined {
  if (name === 'elicitation') return params?.mode === 'url' ? 'url' : 'form'
  return name === 'sampling' && params?.tools !== undefined ? 'tools' : undefined
}

/** As a legacy host takes it: an elicitation by URL has an id there (2025-11-25, Elicitation). */
export function toLegacyInput({ method, params }: InputRequest): InputRequest {
  if (method !== 'elicitation/create' || params?.mode !== 'url' || params.elicitationId !== undefined) {
    return { method, params }
  }
  return { method, params: { ...params, elicitationId: randomUUID() } }
}

const URL_ELICITATION_REQUIRED = -32042

/**
 * The error by which a legacy server sends a person to an address before a call can succeed (2025-11-25,
 * Elicitation), as a modern host takes it; undefined where it is another, or the host did not declare that.
 */
export function toInputRequired(error: Json, capabilities: Json): Json | undefined {
  const { elicitations } = objectOr(error.data)
  if (error.code !== URL_ELICITATION_REQUIRED || !Array.isArray(elicitations)) return undefined
  const method = 'elicitation/create'
  const isFit = (params: unknown) =>
    isObject(params) && undeclared({ method, params }, capabilities) === undefined
  if (elicitations.length === 0 || !elicitations.every(isFit)) return undefined
  const requests = elicitations.map((params, at) => [`url-${at + 1}`, toModernInput(method, params)])
  return { resultType: 'input_required', inputRequests: Object.fromEntries(requests) }
}

/** Whether a retry brings a refusal, after which a legacy server need not be asked again. */
export const holdsRefusal = (params: Json | undefined): boolean =>
  Object.values(objectOr(params?.inputResponses)).some((response) =>
    ['decline', 'cancel'].includes(objectOr(response).action as string),
  )

/** As a modern host takes it, which knows no such id. */
export function toModernInput(method: unknown, params: unknown): Json {
  if (!isObject(params)) return { method }
  const { elicitationId: _, ...rest } = params
  return { method, params: method === 'elicitation/create' ? rest : params }
}
