/** Tool calls over kept connections, and what became of each. */
import { Agent, request } from 'node:http'

export interface Reply {
  /** 0 when there came no answer. */
  status: number
  /** Why there came none. */
  error?: string
  /** An answer began and did not end. */
  half: boolean
  retryAfter: string | undefined
  ms: number
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: what a tool answers is what the faults look into
  result: any
}

export interface Caller {
  call(name: string, args?: object): Promise<Reply>
  get(path: string): Promise<Reply>
  create(title: string): Promise<Reply>
  close(): void
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** One request. Never rejects. */
function send(agent: Agent, url: string, headers: Record<string, string>, body?: string): Promise<Reply> {
  const begun = performance.now()
  return new Promise((resolve) => {
    let began = false
    const broken = (error: NodeJS.ErrnoException) =>
      resolve({
        ...{ status: 0, error: error.code ?? error.message, half: began, retryAfter: undefined },
        ...{ ms: performance.now() - begun, text: '', result: undefined },
      })
    const outgoing = request(url, { agent, method: body === undefined ? 'GET' : 'POST', headers })
    outgoing.on('error', broken)
    outgoing.on('response', (incoming) => {
      began = true
      let text = ''
      incoming.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      incoming.on('error', broken)
      incoming.on('end', () =>
        resolve({
          ...{ status: incoming.statusCode ?? 0, half: !incoming.complete, text },
          retryAfter: incoming.headers['retry-after'],
          ms: performance.now() - begun,
          result: parsed(text).result,
        }),
      )
    })
    outgoing.end(body)
  })
}

export function createCaller(
  base: string,
  token: string,
  connections = 64,
  more: Record<string, string> = {},
): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const headers = {
    ...more,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json',
  }
  const call = (name: string, args: object = {}) => {
    const params = { name, arguments: args }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })
    return send(agent, `${base}/api/mcp`, headers, body)
  }
  return {
    call,
    get: (path) => send(agent, `${base}${path}`, { accept: 'application/json' }),
    create: (title) => call('create_task', { title, idempotencyKey: title.slice(0, 60) }),
    close: () => agent.destroy(),
  }
}

/** The id of the task that a write was acknowledged with; undefined when it was not. */
export const acknowledged = ({ status, result }: Reply): number | undefined =>
  status === 200 && result?.isError !== true ? result?.structuredContent?.id : undefined

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The value that `share` of the others (0 to 1) do not exceed; whole milliseconds. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}
