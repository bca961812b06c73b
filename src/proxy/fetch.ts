import type { IncomingMessage } from 'node:http'
import { agentFor, type ProxyVariables } from './agents.js'

const CONNECT_MS = 10_000
const BODILESS = [204, 304]

/**
 * `fetch` that honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY; Node's own does not before Node 24. Without one of
 * them it is Node's own. Never follows a redirect.
 */
export function fetchThrough(proxies: ProxyVariables): typeof globalThis.fetch {
  if (!proxies.httpProxy && !proxies.httpsProxy) return globalThis.fetch
  return async (input, init) => {
    const { Readable } = await import('node:stream')
    const asked = new Request(input, init)
    const incoming = await exchange(asked, Buffer.from(await asked.arrayBuffer()), proxies)
    const status = incoming.statusCode ?? 500
    const headers = new Headers()
    for (const [name, value] of Object.entries(incoming.headersDistinct)) {
      for (const one of value ?? []) headers.append(name, one)
    }
    const body = BODILESS.includes(status) ? null : (Readable.toWeb(incoming) as ReadableStream)
    return new Response(body, { status, statusText: incoming.statusMessage ?? '', headers })
  }
}

async function exchange(asked: Request, body: Buffer, proxies: ProxyVariables): Promise<IncomingMessage> {
  const url = new URL(asked.url)
  const agent = await agentFor(url, proxies, CONNECT_MS)
  const { urlToHttpOptions } = await import('node:url')
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  return new Promise((resolve, reject) => {
    const headers = Object.fromEntries(asked.headers)
    const options = { ...urlToHttpOptions(url), method: asked.method, headers, agent, signal: asked.signal }
    const outgoing = request(options, (incoming) => {
      incoming.once('close', () => agent.destroy())
      resolve(incoming)
    })
    outgoing.once('error', (error) => {
      agent.destroy()
      reject(error)
    })
    outgoing.end(body.length > 0 ? body : undefined)
  })
}
