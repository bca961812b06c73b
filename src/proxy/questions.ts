import { randomUUID } from 'node:crypto'
import type { InputRequest } from './inputs.js'
import type { Life } from './life.js'
import { isId, isObject, type Json, type Message } from './message.js'
import type { Writer } from './writer.js'

/** Requests of the bridge's own to a legacy host, on behalf of a server that cannot send any. */
export interface Questions {
  /** The host's response; undefined once `life` is over, when the host is told to stop. */
  ask(request: InputRequest, life: Life): Promise<Json | undefined>
  /** Takes the host's message where it answers a question. */
  take(message: Message): boolean
}

export function createQuestions(writer: Writer): Questions {
  const waiting = new Map<unknown, (response: Json) => void>()
  const take = (part: unknown): boolean => {
    if (!isObject(part) || part.method !== undefined || !isId(part.id)) return false
    const answered = waiting.get(part.id)
    answered?.(part)
    return answered !== undefined
  }
  return {
    ask: ({ method, params }, life) =>
      new Promise((resolve) => {
        const id = `zuko-${randomUUID()}`
        let forget = () => {}
        const end = (response: Json | undefined) => {
          waiting.delete(id)
          forget()
          resolve(response)
        }
        waiting.set(id, end)
        writer.send(JSON.stringify({ jsonrpc: '2.0', id, method, ...(params && { params }) }))
        forget = life.onOver(() => {
          const reason = 'The request that this belongs to is over.'
          writer.send(
            JSON.stringify({
              jsonrpc: '2.0',
              method: 'notifications/cancelled',
              params: { requestId: id, reason },
            }),
          )
          end(undefined)
        })
      }),
    take: ({ value }) => (Array.isArray(value) ? value.map(take).includes(true) : take(value)),
  }
}
