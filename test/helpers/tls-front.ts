import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import * as selfsigned from 'selfsigned'

/** A Postgres server with TLS: in front of one without, with a certificate for `localhost` of its own making. */
export async function tlsFront(behind: URL, folder: string) {
  const { private: key, cert } = await selfsigned.generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })
  const rootCert = join(folder, 'root.crt')
  writeFileSync(rootCert, cert)
  const server = createServer((socket) => {
    // The first message asks for TLS; the answer to it is one letter.
    socket.once('data', () => {
      socket.write('S')
      const secure = new TLSSocket(socket, { isServer: true, key, cert })
      const plain = connect(Number(behind.port), behind.hostname)
      for (const [one, other] of [
        [secure, plain],
        [plain, secure],
      ] as const) {
        one.pipe(other)
        one.on('error', () => other.destroy())
        one.on('close', () => other.destroy())
      }
    })
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = (host: string, parameters: Record<string, string>): URL => {
    const url = new URL(behind)
    url.hostname = host
    url.port = String((server.address() as AddressInfo).port)
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  }
  return { at, rootCert, close: () => void server.close() }
}
