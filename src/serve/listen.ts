import cluster from 'node:cluster'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import { isLoopback } from '../config.js'
import { ZukoError } from '../errors.js'

export interface Listening {
  port: number
  /** Takes no new connection, lets answers under way finish, and cuts what is left after `deadlineMs`. */
  close(deadlineMs: number): Promise<void>
}

export interface ListenOptions {
  /** The URL that this process is reached by: its port, and whether it is this computer only. */
  url: string
  port?: number | undefined
  host?: string | undefined
  /** The defaults unless a test brings its own. */
  limits?: Partial<Limits>
}

/** What a peer may take: times in milliseconds, sizes in bytes. Behind a proxy its keep-alive is the shorter one. */
export const LIMITS = {
  /** From the first byte of a connection or request to the last of its headers. */
  headersTimeout: 5_000,
  /** To the last byte of its body. */
  requestTimeout: 15_000,
  /** How often both are looked at; node's 30 s would let slow peers stay that long. */
  connectionsCheckingInterval: 1_000,
  /** Between two requests. */
  keepAliveTimeout: 65_000,
  /** Without a byte taken or given while a request is under way, such as by who never reads the answer. */
  timeout: 30_000,
  maxHeaderSize: 16_384,
  maxHeadersCount: 64,
  maxConnections: 2_000,
}
export type Limits = typeof LIMITS

const portOf = (url: URL): number => Number(url.port || (url.protocol === 'https:' ? 443 : 80))

/**
 * Listens where the URL says: both loopback addresses for this computer (either may be what `localhost` means to
 * a client), every address for a public name.
 * @throws ZukoError FAILED when the port is taken or may not be used
 */
export async function listen(
  handler: RequestListener,
  { url, port, host, limits }: ListenOptions,
): Promise<Listening> {
  const wanted = port ?? portOf(new URL(url))
  const hosts = host ? [host] : isLoopback(url) ? ['127.0.0.1', '::1'] : ['::']
  const servers: Server[] = []
  for (const each of hosts) {
    const server = guarded(handler, { ...LIMITS, ...limits })
    try {
      await bind(server, wanted, each)
      servers.push(server)
    } catch (error) {
      const missing = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '')
      if (missing && (servers.length > 0 || each === '::')) {
        if (each === '::') hosts.push('0.0.0.0')
        continue
      }
      await Promise.all(servers.map((open) => close(open, 0)))
      throw portError(error as NodeJS.ErrnoException, each, wanted)
    }
  }
  const [first] = servers
  return {
    port: (first?.address() as AddressInfo | undefined)?.port ?? wanted,
    close: async (deadlineMs) => void (await Promise.all(servers.map((server) => close(server, deadlineMs)))),
  }
}

function guarded(handler: RequestListener, limits: Limits): Server {
  const { timeout, maxHeadersCount, maxConnections, ...options } = limits
  const server = Object.assign(createServer(options, handler), { timeout, maxHeadersCount })
  if (cluster.isWorker) refuseBeyond(server, maxConnections)
  else server.maxConnections = maxConnections
  return server
}

/** A worker at node's own limit hands a connection back, and workers that are full would pass it round forever. */
function refuseBeyond(server: Server, most: number): void {
  let open = 0
  server.on('connection', (socket) => {
    open += 1
    socket.once('close', () => {
      open -= 1
    })
    if (open > most) socket.destroy()
  })
}

const bind = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host }, () => {
      server.off('error', reject)
      resolve()
    })
  })

/**
 * How long a connection that is idle may still bring a request, in milliseconds. A balancer that has just sent one
 * cannot know that the connection is being closed, and may not send a POST again.
 */
const GRACE_MS = 250

function close(server: Server, deadlineMs: number): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), Math.min(GRACE_MS, deadlineMs))
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs)
    // That of http.Server would close idle connections at once; afterwards it ends what else it does.
    NetServer.prototype.close.call(server, () => {
      clearInterval(idle)
      clearTimeout(cut)
      server.close()
      resolve()
    })
  })
}

function portError(error: NodeJS.ErrnoException, host: string, port: number): ZukoError {
  const words: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program.`,
    EACCES: `Port ${port} on ${host} may not be used by this user.`,
  }
  return new ZukoError(
    'FAILED',
    words[error.code ?? ''] ?? `Port ${port} on ${host} cannot be listened on.`,
    {
      fix: 'choose another with --port, or with the port in BACKEND_URL',
      cause: error,
    },
  )
}
