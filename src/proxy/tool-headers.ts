import type { ParamPaths } from './headers.js'
import { isObject, type Json, objectOr } from './message.js'

const ANNOTATION = 'x-mcp-header'
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const PRIMITIVES = ['string', 'integer', 'boolean']

/** How deep a schema is looked into; what lies deeper cannot be vouched for. */
const DEEPEST = 64

export type Annotations = { paths: ParamPaths } | { wrong: string }

/**
 * The `x-mcp-header` annotations of a tool: the path of each, or why the tool may not be offered
 * (MCP 2026-07-28 Streamable HTTP, Schema Extension).
 */
export function headerAnnotations(inputSchema: unknown): Annotations {
  const paths = new Map<string, readonly string[]>()
  const wrong = inSchema(inputSchema, [], true, paths)
  return wrong === undefined ? { paths } : { wrong }
}

/** Walks a schema; only a chain of `properties` keeps what it finds reachable. Returns the first fault. */
function inSchema(
  schema: unknown,
  path: readonly string[],
  reachable: boolean,
  paths: Map<string, readonly string[]>,
): string | undefined {
  if (path.length > DEEPEST) return `a schema deeper than ${DEEPEST} levels`
  if (Array.isArray(schema)) return firstFault(schema, (part) => inSchema(part, [...path, ''], false, paths))
  if (!isObject(schema)) return undefined
  if (ANNOTATION in schema) {
    const fault = annotationFault(schema, path, reachable, paths)
    if (fault !== undefined) return fault
    paths.set(schema[ANNOTATION] as string, path)
  }
  return firstFault(Object.entries(schema), ([keyword, value]) => {
    if (DATA_KEYWORDS.has(keyword)) return undefined
    if (keyword !== 'properties') return inSchema(value, [...path, keyword], false, paths)
    return firstFault(Object.entries(objectOr(value)), ([name, property]) =>
      inSchema(property, [...path, name], reachable, paths),
    )
  })
}

/** Keywords whose values are data, not schemas. */
const DATA_KEYWORDS = new Set([
  ANNOTATION,
  'default',
  'const',
  'enum',
  'examples',
  'required',
  'description',
  'title',
])

function annotationFault(
  schema: Json,
  path: readonly string[],
  reachable: boolean,
  paths: Map<string, unknown>,
): string | undefined {
  const name = schema[ANNOTATION]
  if (typeof name !== 'string' || !TOKEN.test(name))
    return `${ANNOTATION} ${JSON.stringify(name)} is not a header name`
  if (!reachable || path.length === 0) return `${ANNOTATION} "${name}" is not on a plain property`
  if (!PRIMITIVES.includes(schema.type as string))
    return `${ANNOTATION} "${name}" is on a ${JSON.stringify(schema.type)}`
  const taken = [...paths.keys()].some((other) => other.toLowerCase() === name.toLowerCase())
  return taken ? `${ANNOTATION} "${name}" stands there twice` : undefined
}

function firstFault<T>(items: readonly T[], faultOf: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = faultOf(item)
    if (fault !== undefined) return fault
  }
  return undefined
}
