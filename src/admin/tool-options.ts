import { InvalidArgumentError, Option } from 'commander'
import type { JsonValue } from '../store/types.js'
import type { Tool } from '../tools/index.js'

/** What of a JSON Schema says how a flag's value is read. */
interface ArgumentSchema {
  type?: string
  description?: string
  enum?: string[]
  format?: string
  maximum?: number
  default?: unknown
  anyOf?: ArgumentSchema[]
}

/** How the values of one argument are written on a command line. */
interface Kind {
  placeholder: string
  /** Throws InvalidArgumentError for what cannot be meant; whether it is right is for the tool to say. */
  read(text: string): JsonValue
}

const asIs: Kind['read'] = (text) => text

function integer(text: string): number {
  if (/^-?\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be an integer.')
}

/** JSON where it is JSON, else the text itself: `--description '{"a":1}'`, `--description "Call them"`. */
function json(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}

function kindOf(schema: ArgumentSchema): Kind {
  const branches = schema.anyOf ?? [schema]
  const types = branches.map(({ type }) => type)
  if (types.includes('object')) return { placeholder: 'json-or-text', read: json }
  const named = branches.find(({ type }) => type !== 'null') ?? schema
  const read = named.type === 'integer' ? integer : asIs
  const placeholder = named.format === 'date-time' ? 'time' : (named.type ?? 'value')
  const nullable = types.includes('null')
  return { placeholder, read: nullable ? (text) => (text === 'null' ? null : read(text)) : read }
}

/** "organizationId" → "organization-id" */
const flagName = (argument: string): string =>
  argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const schemasOf = (tool: Tool) =>
  Object.entries((tool.definition.inputSchema.properties ?? {}) as Record<string, ArgumentSchema>)

/** One option for each argument of a tool, made from its schema: name, type, choices, words, whether it must be. */
export function toolOptions(tool: Tool): Option[] {
  const required = (tool.definition.inputSchema.required ?? []) as string[]
  return schemasOf(tool).map(([name, schema]) => {
    const { placeholder, read } = kindOf(schema)
    const preset = schema.default === undefined ? '' : ` (default: ${JSON.stringify(schema.default)})`
    const words = `${schema.description ?? name}${preset}`
    const option = new Option(`--${flagName(name)} <${placeholder}>`, words).argParser((text) => ({
      value: read(text),
    }))
    if (schema.enum) option.choices(schema.enum)
    return option.makeOptionMandatory(required.includes(name))
  })
}

/** A flag's value. Wrapped, because commander takes a bare null for no value. */
type Given = { value: JsonValue } | string | undefined

/** The flags of a command line as the arguments that a client would send. */
export function toolArguments(tool: Tool, flags: Record<string, unknown>): Record<string, unknown> {
  const given = schemasOf(tool).map(([name]) => [name, flags[name] as Given] as const)
  return Object.fromEntries(
    given
      .filter(([, flag]) => flag !== undefined)
      .map(([name, flag]) => [name, typeof flag === 'object' ? flag.value : flag]),
  )
}
