import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { DocumentFetch } from '../../src/auth/document-fetch.js'
import { addPerson } from '../../src/auth/people.js'
import { type Auth, type AuthOptions, createAuth } from '../../src/auth/server.js'
import { publicUrls } from '../../src/config.js'
import type { Database } from '../../src/database-url.js'
import { createLog } from '../../src/log.js'
import { createApp } from '../../src/serve/app.js'
import type { Allowances } from '../../src/serve/auth-routes.js'
import { documentBudget } from '../../src/serve/document-budget.js'
import { createEndpoint } from '../../src/serve/endpoint.js'
import { createGuard } from '../../src/serve/guard.js'
import { localKeys } from '../../src/serve/key-source.js'
import { createLimits } from '../../src/serve/limits.js'
import { createRateLimit } from '../../src/serve/rate-limit.js'
import type { Telemetry } from '../../src/serve/telemetry.js'
import { type OpenStore, openStore } from '../../src/store/open.js'

export const PASSWORD = 'correct horse battery staple'
export const SECRET = 'a secret of the tests, long enough to be one'

const plenty = { perSecond: 1000, burst: 10_000 }
const GENEROUS: Allowances = { address: plenty, signIn: plenty, account: plenty, register: plenty }

export interface Served {
  base: string
  auth: Auth
  store: OpenStore
  /** Everything that was logged, as text. */
  logged(): string
  close(): Promise<void>
}

/** The whole server of role `all` in this process, on a free loopback port, over a store in memory. */
export async function serveAll(
  options: Partial<AuthOptions> & {
    fetchDocument?: DocumentFetch
    database?: Database
    base?: string
    allowances?: Allowances
    trustProxy?: number
    telemetry?: Telemetry
  } = {},
): Promise<Served> {
  const lines: string[] = []
  const log = createLog('debug', { write: (line: string) => void lines.push(line) })
  const store = await openStore(options.database ?? ':memory:', { log })
  const server = createServer()
  const port = options.base ? Number(new URL(options.base).port) : 0
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const base = options.base ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { backendUrl = base, fetchDocument: fetch } = options
  const limits = createLimits(store, () => (options.now?.() ?? new Date()).getTime())
  const documents = fetch && { fetch, allow: documentBudget(limits) }
  const auth = await createAuth({ store, backendUrl, secret: SECRET, log, documents, ...options })
  const urls = publicUrls(backendUrl)
  const now = auth.now
  const guard = createGuard({
    urls,
    keys: localKeys(store.keys, () => now().getTime()),
    principals: store.principals,
    now,
    log,
  })
  const allowances = options.allowances ?? GENEROUS
  const strangers = createRateLimit(allowances.address, Date.now)
  const endpoint = createEndpoint({ urls, store, guard, strangers, log, now, version: '0.0.0-test' })
  server.on(
    'request',
    createApp({
      backendUrl,
      ownUrls: [base],
      version: '0.0.0-test',
      log,
      trustProxy: options.trustProxy ?? 0,
      ...(options.telemetry && { telemetry: options.telemetry }),
      ready: () =>
        store.ping().then(
          () => true,
          () => false,
        ),
      allowances,
      limits,
      endpoint,
      auth,
    }),
  )
  return { base, auth, store, logged: () => lines.join(''), close: () => closeAll(server, store) }
}

async function closeAll(server: Server, store: OpenStore): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await store.close()
}

/** Ada owns Acme, Bob is a member of Acme and owns Blue; both sign in with PASSWORD. */
export async function twoPeople({ auth, store }: Served) {
  const at = new Date()
  const ada = await addPerson(auth, { email: 'ada@example.com', name: 'Ada', password: PASSWORD, at })
  const bob = await addPerson(auth, { email: 'bob@example.com', name: 'Bob', password: PASSWORD, at })
  const acme = await store.organizations.add({ name: 'Acme', slug: 'acme', at: at.getTime() })
  const blue = await store.organizations.add({ name: 'Blue', slug: 'blue', at: at.getTime() })
  await store.members.add({ userId: ada.id, organizationId: acme.id, role: 'owner', at: at.getTime() })
  await store.members.add({ userId: bob.id, organizationId: acme.id, role: 'member', at: at.getTime() })
  await store.members.add({ userId: bob.id, organizationId: blue.id, role: 'owner', at: at.getTime() })
  return { ada: ada.id, bob: bob.id, acme: acme.id, blue: blue.id }
}
