/**
 * A stand-in for a model's HTTP API on loopback, in the words of four vendors. Of each conversation it asks for the
 * one tool that it was told to want, notes what it is then shown, and ends.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { anthropic } from './dialects/anthropic.js'
import { chat } from './dialects/chat.js'
import { gemini } from './dialects/gemini.js'
import { responses } from './dialects/responses.js'

// biome-ignore lint/suspicious/noExplicitAny: bodies are what the vendors' clients send
export type Body = any

/** How one vendor's clients speak of tools. */
export interface Dialect {
  /** Whether a request with this path is the vendor's call of a model. */
  speaks(path: string): boolean
  /** The names of the tools that the model may use. */
  offered(body: Body): string[]
  /** The text of the last result of a tool that the model is shown. */
  result(body: Body): string | undefined
  /** The answer of a model that calls a tool, or says a word when there is none. */
  answer(
    call: { name: string; args: object } | undefined,
    body: Body,
    path: string,
  ): { type: string; text: string }
}

export interface Seen {
  /** The tools of ours that the model may use, by our names. */
  offered: string[]
  /** What the model was shown as the tool's result. */
  result?: string
}

export interface Model {
  base: string
  /** From now on conversations ask for this tool. */
  want(tool: string, args: object): void
  /** What was seen since. */
  seen(): Seen
  close(): Promise<void>
}

const DIALECTS: readonly Dialect[] = [anthropic, responses, chat, gemini]

/** Server-sent events, with a name where the vendor gives one. */
export const events = (all: readonly Body[], named = false): { type: string; text: string } => ({
  type: 'text/event-stream',
  text: all.map((one) => `${named ? `event: ${one.type}\n` : ''}data: ${JSON.stringify(one)}\n\n`).join(''),
})

export const OURS = ['list_organizations', 'list_tasks', 'get_task', 'create_task', 'update_task']

export async function startModel(): Promise<Model> {
  let wanted = { tool: '', args: {} }
  let seen: Seen = { offered: [] }
  let asked = false

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    const dialect = req.method === 'POST' ? DIALECTS.find((one) => one.speaks(path)) : undefined
    if (!dialect) return void res.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    const body = await json(req)
    const offered = dialect.offered(body)
    const ours = OURS.filter((name) => offered.some((other) => isNamed(other, name)))
    if (ours.length > 0) seen.offered = ours
    const result = asked ? dialect.result(body) : undefined
    if (result !== undefined) seen.result = result
    const name = asked ? undefined : offered.find((other) => isNamed(other, wanted.tool))
    asked ||= name !== undefined
    const { type, text } = dialect.answer(
      name === undefined ? undefined : { name, args: wanted.args },
      body,
      path,
    )
    res.writeHead(200, { 'content-type': type }).end(text)
  }

  const server = createServer((req, res) => {
    answer(req, res).catch((error: Error) => res.writeHead(400).end(error.message))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    want(tool, args) {
      wanted = { tool, args }
      seen = { offered: [] }
      asked = false
    },
    seen: () => seen,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Hosts put the server's name before the tool's, each with marks of its own between them. */
const isNamed = (name: string, tool: string): boolean =>
  name === tool || name.endsWith(`_${tool}`) || name.endsWith(`.${tool}`)
