import { createServer, type IncomingHttpHeaders, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listening {
  /** http://127.0.0.1:port */
  origin: string
  port: number
  close(): Promise<void>
}

/** A real HTTP server on a free port of this computer. */
export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export interface Sent {
  method?: string
  path?: string
  /** Name and value in pairs, when a header is to come twice or in a certain spelling. */
  headers?: Record<string, string> | string[]
  body?: string | Buffer
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The body as JSON; throws where it is none. */
  json: () => Answered
}

// biome-ignore lint/suspicious/noExplicitAny: tests reach into answers whose shape is what they assert
export type Answered = any

/** One request, sent as it is written: `fetch` would add, merge and refuse headers. */
export function send(
  port: number,
  { method = 'POST', path = '/api/mcp', headers = {}, body }: Sent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: headers as Record<string, string>,
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const { statusCode: status = 0, headers } = incoming
        resolve({ status, headers, text, json: () => JSON.parse(text) })
      })
    })
    outgoing.end(body)
  })
}
