/** Load that does not wait for its answers: so many calls a second, over many connections. */
import { connect, type Socket } from 'node:net'

export interface Load {
  port: number
  token: string
  /** The arguments of `list_tasks`, or of another tool. */
  tool: string
  args?: object
  /** Calls a second; without it each connection asks again as soon as it has its answer. */
  rate?: number
  /** At most; spread over both addresses of this computer when there are more than a thousand. */
  connections: number
  seconds: number
  /** What is before the figures: until the connections are there. */
  warmUpSeconds?: number
}

export interface LoadFigures {
  seconds: number
  /** Answers of 200, and what they took. */
  served: number
  servedMs: number[]
  /** Answers of 503 and 429, and what they took. */
  shed: number
  shedMs: number[]
  withoutRetryAfter: number
  /** Other answers, and connections that broke. */
  other: number
  broken: number
  /** Calls for which no connection was free. */
  unsent: number
}

const requestOf = ({ port, token, tool, args = {} }: Load): Buffer => {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: args } }
  const body = JSON.stringify(call)
  const head = [
    'POST /api/mcp HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/** One connection with at most one call under way. */
class Line {
  private socket: Socket | undefined
  private began = 0
  private expected = 0
  private received = 0
  private status = 0
  private retryAfterMs = 0
  constructor(
    private readonly port: number,
    private readonly host: string,
    private readonly request: Buffer,
    private readonly figures: LoadFigures,
    private readonly free: (line: Line) => void,
  ) {}

  send(): void {
    this.began = performance.now()
    this.socket ??= this.open()
    this.socket.write(this.request)
  }

  private open(): Socket {
    const socket = connect({ port: this.port, host: this.host })
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => this.take(chunk))
    socket.on('close', () => {
      this.socket = undefined
      if (this.began === 0 || this.expected > 0) return
      this.figures.broken++
      this.settle()
    })
    return socket
  }

  private take(chunk: Buffer): void {
    if (this.expected === 0) {
      const head = chunk.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      this.status = Number(head.slice(9, 12))
      this.expected = end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
      const retryAfter = /retry-after: (\d+)/i.exec(head)?.[1]
      this.retryAfterMs = Number(retryAfter ?? 0) * 1000
      if (this.status === 503 && !retryAfter) this.figures.withoutRetryAfter++
    }
    this.received += chunk.length
    if (this.received < this.expected) return
    const ms = performance.now() - this.began
    const { figures, status } = this
    if (status === 200) {
      figures.served++
      figures.servedMs.push(ms)
    } else if (status === 503 || status === 429) {
      figures.shed++
      figures.shedMs.push(ms)
    } else figures.other++
    // A connection that was told when to come back is not used before.
    if (status === 503 || status === 429) setTimeout(() => this.settle(), this.retryAfterMs)
    else this.settle()
  }

  private settle(): void {
    this.began = 0
    this.expected = 0
    this.received = 0
    this.free(this)
  }

  close(): void {
    this.began = 0
    this.socket?.destroy()
  }
}

const noFigures = (): LoadFigures => ({
  ...{ seconds: 0, served: 0, servedMs: [], shed: 0, shedMs: [], withoutRetryAfter: 0 },
  ...{ other: 0, broken: 0, unsent: 0 },
})

export async function drive(load: Load): Promise<LoadFigures> {
  const figures = noFigures()
  const request = requestOf(load)
  const idle: Line[] = []
  let running = true
  const free = (line: Line) => {
    if (load.rate === undefined && running) line.send()
    else idle.push(line)
  }
  const hosts = load.connections > 1000 ? ['127.0.0.1', '::1'] : ['127.0.0.1']
  const lines = Array.from(
    { length: load.connections },
    (_, index) => new Line(load.port, hosts[index % hosts.length] ?? '', request, figures, free),
  )
  const begun = performance.now()
  const counted = begun + (load.warmUpSeconds ?? 0) * 1000
  const until = counted + load.seconds * 1000
  let warm = false
  if (load.rate === undefined) for (const line of lines) line.send()
  else idle.push(...lines)
  let due = 0
  while (performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (!warm && performance.now() >= counted) {
      warm = true
      Object.assign(figures, noFigures())
    }
    if (load.rate === undefined) continue
    const wanted = Math.floor(((performance.now() - begun) / 1000) * load.rate)
    for (; due < wanted; due++) {
      const line = idle.pop()
      if (line) line.send()
      else figures.unsent++
    }
  }
  running = false
  figures.seconds = (performance.now() - counted) / 1000
  for (const line of lines) line.close()
  return figures
}
