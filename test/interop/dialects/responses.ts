import { type Body, type Dialect, events } from '../model.js'

/** A namespace holds the tools of one MCP server; outside of it they are named with it. */
const named = (tool: Body): string[] =>
  tool.type === 'namespace' ? tool.tools.map(({ name }: Body) => `${tool.name}.${name}`) : [tool.name ?? '']

const textOf = (output: Body): string =>
  typeof output === 'string' ? output : (output ?? []).map((part: Body) => part.text ?? '').join('\n')

/** OpenAI's Responses API. */
export const responses: Dialect = {
  speaks: (path) => path.endsWith('/responses'),
  offered: (body) => (body.tools ?? []).flatMap(named),
  result(body) {
    const all = Array.isArray(body.input) ? body.input : []
    const last = all.filter(({ type }: Body) => type === 'function_call_output').at(-1)
    return last && textOf(last.output)
  },
  answer(call, { model }) {
    const [namespace, name] = call?.name.includes('.') ? call.name.split('.') : [undefined, call?.name]
    const item = call
      ? {
          type: 'function_call',
          id: 'fc_interop',
          call_id: `call_${Date.now()}`,
          name,
          ...(namespace ? { namespace } : {}),
          arguments: JSON.stringify(call.args),
        }
      : {
          type: 'message',
          id: 'msg_interop',
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Done.' }],
        }
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 }
    const response = { id: 'resp_interop', object: 'response', model, output: [item], usage }
    return events(
      [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        { type: 'response.output_item.added', output_index: 0, item },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response: { ...response, status: 'completed' } },
      ],
      true,
    )
  },
}
