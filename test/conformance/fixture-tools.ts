/** The suite's own tools, as far as a server whose tools answer with JSON values can have them. */
import { z } from 'zod'
import { ZukoError } from '../../src/errors.js'
import { defineTool } from '../../src/tools/define.js'

const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false }
const shape = { scope: 'tasks:read', input: z.strictObject({}), annotations } as const

const simpleText = defineTool({
  ...shape,
  name: 'test_simple_text',
  title: 'Simple text',
  description: 'Answers with a text.',
  output: z.strictObject({ text: z.string() }),
  run: async () => ({ text: 'This is a simple text response for testing.' }),
})

const errorHandling = defineTool({
  ...shape,
  name: 'test_error_handling',
  title: 'Error',
  description: 'Answers with an error.',
  output: z.strictObject({}),
  run: () =>
    Promise.reject(
      new ZukoError('INVALID_ARGUMENT', 'This tool intentionally returns an error for testing.', {
        fix: 'call another',
      }),
    ),
})

/** Tools whose names the suite looks for before it watches what comes besides the answer: nothing may. */
const quiet = ['test_logging_tool', 'test_streaming_elicitation'].map((name) =>
  defineTool({
    ...shape,
    name,
    title: 'Quiet',
    description: 'Answers, and sends nothing on the way.',
    output: z.strictObject({ text: z.string() }),
    run: async () => ({ text: 'Nothing was sent on the way.' }),
  }),
)

export const FIXTURE_TOOLS = [simpleText, errorHandling, ...quiet]
