import type { z } from 'zod'
import type { Caller, Store } from '../store/types.js'
import type { Scope } from './scopes.js'

/** What a tool may touch while it runs. */
export interface ToolContext {
  store: Store
  caller: Caller
  now(): Date
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
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  run(input: z.infer<I>, context: ToolContext): Promise<z.infer<O>>
}

/** Keeps the types of `input` and `output` together with `run`, and forgets them for the table. */
export const defineTool = <I extends z.ZodObject, O extends z.ZodObject>(tool: Tool<I, O>): Tool =>
  tool as unknown as Tool
