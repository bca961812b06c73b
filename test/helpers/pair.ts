import { afterEach } from 'vitest'
import { type Host, type HostOptions, openHost } from './bridge.js'
import { type FakeMcp, type FakeOptions, fakeMcp } from './fake-mcp.js'

export interface Pair {
  server: FakeMcp
  host: Host
}

/** A host and a server with the bridge between them, ended with the test. */
export function pairs(): (server?: FakeOptions, host?: Partial<HostOptions>) => Promise<Pair> {
  const open: Pair[] = []
  afterEach(async () => {
    for (const { host, server } of open.splice(0)) {
      await host.end()
      await server.close()
    }
  })
  return async (fake, options) => {
    const server = await fakeMcp(fake)
    const host = openHost({ url: server.url, ...options })
    open.push({ server, host })
    return { server, host }
  }
}
