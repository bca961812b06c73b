import { connect } from 'node:net'

/** What a connection saw until the server ended it. */
export interface Heard {
  text: string
  /** The statuses of the answers, in order. */
  statuses: number[]
}

/**
 * Sends bytes as they are and listens until the server ends the connection. `then` may go on writing, and gets
 * what came so far.
 */
export function hear(
  port: number,
  bytes: string | Buffer,
  then?: (write: (more: string) => void, soFar: string) => void,
): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let text = ''
    const write = (more: string) => void (socket.writable && socket.write(more))
    socket.on('connect', () => {
      socket.write(bytes)
      then?.(write, text)
    })
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      then?.(write, text)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
      resolve({ text, statuses })
    })
  })
}
