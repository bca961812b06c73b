import { type Body, type Dialect, events } from '../model.js'

const textOf = (content: Body): string =>
  typeof content === 'string' ? content : (content ?? []).map((part: Body) => part.text ?? '').join('\n')

/** The chat completions that many vendors speak after OpenAI. */
export const chat: Dialect = {
  speaks: (path) => path.endsWith('/chat/completions'),
  offered: (body) => (body.tools ?? []).map((tool: Body) => tool.function?.name ?? ''),
  result(body) {
    const last = body.messages.filter(({ role }: Body) => role === 'tool').at(-1)
    return last && textOf(last.content)
  },
  answer(call, { model }) {
    const chunk = (delta: object, finish_reason: string | null) => ({
      id: 'chatcmpl-interop',
      object: 'chat.completion.chunk',
      created: 0,
      model,
      choices: [{ index: 0, delta, finish_reason }],
    })
    const asked = call && { name: call.name, arguments: JSON.stringify(call.args) }
    const delta = asked
      ? { tool_calls: [{ index: 0, id: `call_${Date.now()}`, type: 'function', function: asked }] }
      : { content: 'Done.' }
    const { type, text } = events([
      chunk({ role: 'assistant', ...delta }, null),
      chunk({}, call ? 'tool_calls' : 'stop'),
    ])
    return { type, text: `${text}data: [DONE]\n\n` }
  },
}
