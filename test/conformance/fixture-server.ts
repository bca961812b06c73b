/** The real HTTP stack with our tools and the suite's, for a suite that has neither token nor browser. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDocumentFetch } from '../../src/auth/document-fetch.js'
import { addPerson } from '../../src/auth/people.js'
import { createAuth } from '../../src/auth/server.js'
import { ADMIN_CLIENT, mintToken } from '../../src/auth/token.js'
import { createLog } from '../../src/log.js'
import { createApp } from '../../src/serve/app.js'
import { createEndpoint } from '../../src/serve/endpoint.js'
import { createGuard } from '../../src/serve/guard.js'
import { localKeys } from '../../src/serve/key-source.js'
import { openStore } from '../../src/store/open.js'
import { TOOLS } from '../../src/tools/index.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { FIXTURE_TOOLS } from './fixture-tools.js'

export const PERSON = { email: 'ada@example.com', name: 'Ada', password: 'correct horse battery staple' }

export interface FixtureServer {
  base: string
  close(): Promise<void>
}

/** Listens on a free loopback port, over a store in memory. Requests to the endpoint that bring no token get one. */
export async function startFixtureServer(): Promise<FixtureServer> {
  const [log, version, now] = [createLog('silent'), '0.0.0-conformance', () => new Date()]
  const store = await openStore(':memory:', { log })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const backendUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const secret = 'a secret of the suite, long enough to be one'
  const documents = { fetch: createDocumentFetch(), allow: async () => true }
  const auth = await createAuth({ store, backendUrl, secret, log, now, documents })
  const { id: userId } = await addPerson(auth, { ...PERSON, at: now() })
  await store.grants.ensure({ userId, ...ADMIN_CLIENT, scopes: SCOPES, at: now().getTime() })
  const token = await mintToken(auth, { userId, scopes: SCOPES, ttlSeconds: 900 })

  const { urls } = auth
  const guard = createGuard({ urls, keys: localKeys(store.keys), principals: store.principals, now, log })
  const tools = [...TOOLS, ...FIXTURE_TOOLS]
  const endpoint = createEndpoint({ urls, store, guard, log, now, version, tools })
  const app = createApp({ backendUrl, version, log, trustProxy: 0, ready: async () => true, endpoint, auth })
  server.on('request', (req, res) => {
    if (req.url === '/api/mcp') req.headers.authorization ??= `Bearer ${token}`
    app(req, res)
  })
  return {
    base: backendUrl,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await store.close()
    },
  }
}
