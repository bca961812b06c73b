import type { ServerResponse } from 'node:http'
import { events, type FakeMcp, type Json, result, type Seen } from './fake-mcp.js'

/** A legacy server that asks its client something in the course of a call. */
export interface Asking {
  /** The responses to its questions, in order. */
  answers: Json[]
  /** The call under way. */
  seen: Seen
  /** Sends something more on the stream of the call. */
  say(...messages: Json[]): void
  /** Answers the call and ends its stream. */
  finish(value?: Json): void
  /** Cuts the stream of the call. */
  cut(): void
}

/**
 * Lets a fake server ask `questions` on the stream of each `tools/call`, and answer the call once all of them
 * are answered, with what was said.
 */
export function asksInCalls(server: FakeMcp, ...questions: Json[]): Asking {
  let stream: ServerResponse | undefined
  const asking: Asking = {
    answers: [],
    seen: { method: '', headers: {}, text: '', body: {} },
    say: (...messages) => stream && events(stream, messages, false),
    finish: (value = { content: [], answers: asking.answers }) =>
      stream && events(stream, [result(asking.seen, value)]),
    cut: () => void stream?.destroy(),
  }
  server.misbehave = (seen, response) => {
    if (seen.body.method === 'tools/call' && seen.headers['mcp-protocol-version'] !== '2026-07-28') {
      asking.seen = seen
      stream = response
      return events(response, questions, false)
    }
    if (seen.method !== 'POST' || seen.body.method !== undefined) return false
    asking.answers.push(seen.body)
    response.writeHead(202).end()
    if (asking.answers.length === questions.length) asking.finish()
  }
  return asking
}
