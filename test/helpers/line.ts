import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Whether a line breaks now, asked with each piece that travels on it. */
type Breaks = (piece: string, to: 'server' | 'client') => boolean

/** A line to a database, which a test can break. */
export async function lineTo(database: URL) {
  const sockets = new Set<Socket>()
  let breaks: Breaks = () => false
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const carry = (from: Socket, towards: Socket, to: 'server' | 'client') => {
    sockets.add(from)
    from.on('error', () => undefined)
    from.on('close', () => {
      sockets.delete(from)
      towards.destroy()
    })
    from.on('data', (piece) => {
      if (breaks(piece.toString('latin1'), to)) cut()
      else towards.write(piece)
    })
  }
  const server = createServer((client) => {
    const upstream = connect(Number(database.port), database.hostname)
    carry(client, upstream, 'server')
    carry(upstream, client, 'client')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(database)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url,
    /** Every connection ends when a piece is such, and the piece is lost. */
    breakAt: (when: Breaks) => {
      breaks = when
    },
    /** Lets nobody through any more. */
    async close() {
      server.close()
      cut()
      if (server.listening) await once(server, 'close')
    },
  }
}
