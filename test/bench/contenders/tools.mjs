// The tools for who takes zod: the same names, words and schemas, so that every list is as long.
import { z } from 'zod'
import { definitions } from './queries.mjs'

export const tools = definitions.map(({ inputSchema, outputSchema, ...words }) => ({
  ...words,
  input: z.fromJSONSchema(inputSchema),
  output: z.fromJSONSchema(outputSchema),
}))
