import { z } from 'zod'
import type { Caller, Store } from '../store/types.js'
import { type Kinds, kindsOf } from './kinds.js'
import type { Scope } from './scopes.js'

/** What a tool may touch while it runs. */
export interface ToolContext {
  store: Store
  caller: Caller
  now(): Date
  /** Arguments that came as text and were read as the JSON value that the text spells: the texts. */
  texts?: Readonly<Record<string, string>>
}

export interface ToolAnnotations {
  readOnlyHint: boolean
  destructiveHint: boolean
  idempotentHint: boolean
  openWorldHint: boolean
}

/** A JSON Schema (2020-12) of an object, as MCP asks for on both sides of a tool. */
export interface ObjectSchema {
  type: 'object'
  [keyword: string]: unknown
}

/** A tool as `tools/list` shows it (MCP 2026-07-28 server/tools). */
export interface ToolDefinition {
  name: string
  title: string
  description: string
  inputSchema: ObjectSchema
  outputSchema: ObjectSchema
  annotations: ToolAnnotations
}

/**
 * One tool as a value: words, schemas, scope, annotations (MCP 2026-07-28 server/tools) and what it does.
 * `listKey` names the array of the output that a text-only host sees as the whole of `content[0].text`;
 * such an output may carry a `note`, which is then the text's second block.
 */
export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  name: string
  title: string
  description: string
  scope: Scope
  input: I
  output: O
  listKey?: string
  annotations: ToolAnnotations
  /** What `tools/list` shows, built once from the rest. */
  definition: ToolDefinition
  /** How each argument is read, told from the definition. */
  kinds: Kinds
  /** `input` and `output` compiled, each when it is first asked for. */
  checks: { input(): I; output(): O }
  run(input: z.infer<I>, context: ToolContext): Promise<z.infer<O>>
}

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined
  return () => {
    made ??= make()
    return made
  }
}

/** `type: ["string", "null"]` in words that every host takes: some refuse all requests over one `type` array. */
function spellOutTypes(_key: string, schema: { type?: unknown } | null): unknown {
  if (!Array.isArray(schema?.type)) return schema
  const { type, ...rest } = schema
  return { anyOf: schema.type.map((one: unknown) => ({ type: one })), ...rest }
}

function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): ObjectSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' })
  return JSON.parse(JSON.stringify(rest), spellOutTypes) as ObjectSchema
}

/** Builds the definition, keeps the types of `input` and `output` together with `run`, and forgets them for the table. */
export function defineTool<I extends z.ZodObject, O extends z.ZodObject>(
  tool: Omit<Tool<I, O>, 'definition' | 'kinds' | 'checks'>,
): Tool {
  const { name, title, description, annotations } = tool
  const inputSchema = jsonSchema(tool.input, 'input')
  const outputSchema = jsonSchema(tool.output, 'output')
  const definition = { name, title, description, inputSchema, outputSchema, annotations }
  const checks = { input: once(() => z.compile(tool.input)), output: once(() => z.compile(tool.output)) }
  return { ...tool, definition, kinds: kindsOf(inputSchema), checks } as unknown as Tool
}

/** The tool as `tools/list` shows it. */
export const toolDefinition = (tool: Tool): ToolDefinition => tool.definition
