/** What hosts pass on: of a result to their model, of a definition to its provider, of arguments to us. */

export interface Result {
  content: { type: string; text?: string }[]
  structuredContent?: unknown
  isError?: boolean
}

const texts = (result: Result): string[] =>
  result.content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : []))

/** What a model reads of a result, host by host. */
export const RESULT_LENSES: Record<string, (result: Result) => string> = {
  /** Claude Code: of a success nothing but `structuredContent`, of an error nothing but the texts. */
  'only structuredContent, and of an error only text': (result) =>
    result.isError || result.structuredContent === undefined
      ? texts(result).join('\n')
      : JSON.stringify(result.structuredContent),
  /** The OpenAI Responses API and most hosts of the first years. */
  'only text': (result) => texts(result).join('\n'),
  /** Hosts that show both, one after the other. */
  both: (result) => [...texts(result), JSON.stringify(result.structuredContent ?? null)].join('\n'),
}

interface Schema {
  type?: unknown
  items?: Schema
  properties?: Record<string, Schema>
  anyOf?: Schema[]
  required?: string[]
  [keyword: string]: unknown
}

/** Keywords that Gemini's function declarations know (its `Schema`); it drops some others, and refuses the rest. */
const GEMINI = [
  ...['type', 'format', 'description', 'title', 'nullable', 'enum', 'default', 'example'],
  ...['items', 'minItems', 'maxItems', 'properties', 'required', 'minProperties', 'maxProperties'],
  ...['propertyOrdering', 'anyOf', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern'],
]
const DROPPED = ['additionalProperties']

/**
 * A schema as a Gemini host declares it.
 * @throws Error for what would have the provider refuse every request of the conversation
 */
export function toGemini(schema: Schema, path = 'input'): Schema {
  const foreign = Object.keys(schema).filter((key) => ![...GEMINI, ...DROPPED].includes(key))
  if (foreign.length > 0) throw new Error(`${path} has ${foreign.join(', ')}`)
  if (Array.isArray(schema.type)) throw new Error(`${path} has an array of types`)
  if (schema.type === undefined && !schema.anyOf) throw new Error(`${path} has no type`)
  if (schema.type === 'array' && !schema.items) throw new Error(`${path} is an array without items`)
  if (schema.enum && schema.type !== 'string') throw new Error(`${path} is an enum of no text`)
  const { additionalProperties: _, ...rest } = schema
  return {
    ...rest,
    ...(schema.items && { items: toGemini(schema.items, `${path}.items`) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map((one, at) => toGemini(one, `${path}.anyOf.${at}`)) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([name, one]) => [name, toGemini(one, `${path}.${name}`)]),
      ),
    }),
  }
}

type Args = Record<string, unknown>

const asText = (value: unknown): unknown => (typeof value === 'string' ? value : JSON.stringify(value))
const eachValue = (args: Args, change: (value: unknown) => unknown): Args =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [name, change(value)]))
const eachName = (args: Args, change: (name: string) => string): Args =>
  Object.fromEntries(Object.entries(args).map(([name, value]) => [change(name), value]))

/** What hosts make of the arguments that a model meant. `properties` are the names that the schema has. */
export const ARGUMENT_LENSES: Record<string, (args: Args, properties: string[]) => unknown> = {
  'each value as text': (args) => eachValue(args, asText),
  'each object as JSON text': (args) =>
    eachValue(args, (value) => (typeof value === 'object' && value !== null ? asText(value) : value)),
  'each object as the JSON text of Python': (args) =>
    eachValue(args, (value) =>
      typeof value === 'object' && value !== null
        ? JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
        : value,
    ),
  'all as one JSON text': (args) => JSON.stringify(args),
  'in a wrapper': (args) => ({ input: args }),
  'in a wrapper, as JSON text': (args) => ({ arguments: JSON.stringify(args) }),
  'names in snake case': (args) =>
    eachName(args, (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
  'null for whatever is not given': (args, properties) => ({
    ...Object.fromEntries(properties.map((name) => [name, null])),
    ...args,
  }),
  'words in lower case': (args) => ({
    ...args,
    ...(typeof args.status === 'string' && { status: args.status.toLowerCase() }),
  }),
}
