import { type Body, type Dialect, events } from '../model.js'

const textOf = (content: Body): string =>
  typeof content === 'string' ? content : (content ?? []).map((part: Body) => part.text ?? '').join('\n')

/** Anthropic's Messages API. */
export const anthropic: Dialect = {
  speaks: (path) => path.endsWith('/v1/messages'),
  offered: (body) => (body.tools ?? []).map(({ name }: Body) => name),
  result(body) {
    const parts = body.messages.flatMap(({ content }: Body) => (Array.isArray(content) ? content : []))
    const last = parts.filter((part: Body) => part.type === 'tool_result').at(-1)
    return last && textOf(last.content)
  },
  answer(call, { model, stream }) {
    const block = call
      ? { type: 'tool_use', id: `toolu_${Date.now()}`, name: call.name, input: call.args }
      : { type: 'text', text: 'Done.' }
    const usage = { input_tokens: 1, output_tokens: 1 }
    const message = { id: 'msg_interop', type: 'message', role: 'assistant', model, stop_sequence: null }
    const stop_reason = call ? 'tool_use' : 'end_turn'
    if (!stream) {
      const whole = { ...message, content: [block], stop_reason, usage }
      return { type: 'application/json', text: JSON.stringify(whole) }
    }
    const empty = call ? { ...block, input: {} } : { ...block, text: '' }
    const delta = call
      ? { type: 'input_json_delta', partial_json: JSON.stringify(call.args) }
      : { type: 'text_delta', text: 'Done.' }
    const all = [
      { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage } },
      { type: 'content_block_start', index: 0, content_block: empty },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage },
      { type: 'message_stop' },
    ]
    return events(all, true)
  },
}
