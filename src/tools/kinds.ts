import type { ObjectSchema } from './define.js'

/** How the value of one argument is read, as its JSON Schema tells. */
export interface Kind {
  of: 'integer' | 'word' | 'time' | 'text' | 'json'
  /** The words that a `word` may be; else empty. */
  words: readonly string[]
  required: boolean
  nullable: boolean
}

/** The arguments of a tool, in the order of its schema. */
export type Kinds = ReadonlyMap<string, Kind>

interface Property {
  type?: string
  format?: string
  enum?: string[]
  anyOf?: Property[]
}

function kindOf(property: Property, required: boolean): Kind {
  const branches = property.anyOf ?? [property]
  const types = branches.map(({ type }) => type)
  const named = branches.find(({ type }) => type !== 'null') ?? property
  const rest = { words: named.enum ?? [], required, nullable: types.includes('null') }
  if (types.includes('object')) return { of: 'json', ...rest }
  if (named.type === 'integer') return { of: 'integer', ...rest }
  if (named.enum) return { of: 'word', ...rest }
  return { of: named.format === 'date-time' ? 'time' : 'text', ...rest }
}

/** What kind of value each property of an input schema takes. */
export function kindsOf(schema: ObjectSchema): Kinds {
  const properties = (schema.properties ?? {}) as Record<string, Property>
  const required = (schema.required ?? []) as string[]
  return new Map(
    Object.entries(properties).map(([name, one]) => [name, kindOf(one, required.includes(name))]),
  )
}
