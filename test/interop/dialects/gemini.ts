import { type Body, type Dialect, events } from '../model.js'

/** Google's Gemini API. */
export const gemini: Dialect = {
  speaks: (path) => /:(streamGenerateContent|generateContent)$/.test(path),
  offered: (body) =>
    (body.tools ?? []).flatMap((tool: Body) =>
      (tool.functionDeclarations ?? []).map(({ name }: Body) => name),
    ),
  result(body) {
    const parts = (body.contents ?? []).flatMap((content: Body) => content.parts ?? [])
    const shown = parts.filter((part: Body) => part.functionResponse).at(-1)?.functionResponse.response
    if (shown === undefined) return undefined
    const text = shown.output ?? shown.error
    return typeof text === 'string' ? text : JSON.stringify(shown)
  },
  answer(call, _body, path) {
    const part = call ? { functionCall: { name: call.name, args: call.args } } : { text: 'Done.' }
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 }
    const answer = {
      candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
      usageMetadata,
    }
    const whole = { type: 'application/json', text: JSON.stringify(answer) }
    return path.endsWith(':generateContent') ? whole : events([answer])
  },
}
