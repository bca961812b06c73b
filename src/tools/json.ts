import { z } from 'zod'
import type { JsonValue } from '../store/types.js'

export const MAX_DEPTH = 32
export const MAX_BYTES = 64 * 1024

/** U+0000 and lone surrogates: what SQLite or UTF-8 would not give back as it was. */
export const UNKEEPABLE = /[\0\p{Surrogate}]/u
const UNKEEPABLE_RIGHT = 'must not contain NUL or lone surrogates'

const keysAsGiven = (value: object): string[] => Object.keys(value)

/** JSON text that reads back as exactly the same value; JSON.stringify alone would turn -0 into 0. */
export function jsonText(value: JsonValue, keysOf = keysAsGiven): string {
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, keysOf)).join(',')}]`
  if (value === null || typeof value !== 'object') return Object.is(value, -0) ? '-0' : JSON.stringify(value)
  const member = (key: string) => `${JSON.stringify(key)}:${jsonText(value[key] as JsonValue, keysOf)}`
  return `{${keysOf(value).map(member).join(',')}}`
}

/** The same text for equal values, whatever the order of their keys. */
export const canonicalText = (value: JsonValue): string =>
  jsonText(value, (object) => Object.keys(object).sort())

const isPlain = (value: object): boolean =>
  Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** What would be right, when a value is not one that is stored and returned unchanged. */
function fault(value: unknown, depth = 0): string | undefined {
  if (value === null || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'must have finite numbers only'
  if (typeof value === 'string') return UNKEEPABLE.test(value) ? UNKEEPABLE_RIGHT : undefined
  if (typeof value !== 'object' || !isPlain(value)) return 'must be a JSON value'
  if (depth === MAX_DEPTH) return `must be nested at most ${MAX_DEPTH} levels deep`
  for (const key of Object.keys(value)) {
    const inside = fault(key) ?? fault((value as Record<string, unknown>)[key], depth + 1)
    if (inside) return inside
  }
  return undefined
}

const tooLong = (value: JsonValue): string | undefined =>
  Buffer.byteLength(jsonText(value)) > MAX_BYTES
    ? `must be at most ${MAX_BYTES / 1024} KiB as JSON`
    : undefined

const scalars = [{ type: 'number' }, { type: 'boolean' }, { type: 'null' }]
const object = { type: 'object', additionalProperties: true }
const branches = (items: object) => [{ type: 'string' }, object, { type: 'array', items }, ...scalars]
const shallow = { anyOf: [{ type: 'string' }, object, ...scalars] }

/**
 * Any JSON value, checked and never copied, so that it is stored and returned unchanged. The schema names
 * every type, because some hosts turn the value of an untyped parameter into a string.
 */
export const jsonInput = z
  .custom<JsonValue>()
  .superRefine((value, issues) => {
    const wrong = fault(value) ?? tooLong(value)
    if (wrong) issues.addIssue(wrong)
  })
  .meta({ anyOf: branches({ anyOf: branches(shallow) }) })

/** Any JSON value on the way out: arrays nest without end, by reference to this schema's own name. */
export const jsonOutput = z
  .custom<JsonValue>((value) => value !== undefined)
  .meta({ id: 'Json', anyOf: branches({ $ref: '#/$defs/Json' }) })
