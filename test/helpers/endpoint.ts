import { PassThrough } from 'node:stream'
import { publicUrls } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { createEndpoint, type Endpoint, type EndpointOptions } from '../../src/serve/endpoint.js'
import { createGuard } from '../../src/serve/guard.js'
import { localKeys } from '../../src/serve/key-source.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { type Answer, type Listening, listen, type Sent, send } from './http.js'
import { accessClaims, createSigner, type Signer } from './tokens.js'

export const START = new Date('2026-03-01T12:00:00.000Z')
export const CLIENT = 'client-1'

/** What every 2026-07-28 request carries. */
export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}

export type Era = 'legacy' | 'modern'

/** A JSON-RPC request of one era with the headers that the era wants. */
export function rpc(era: Era, method: string, params: Record<string, unknown> = {}, id: unknown = 1): Sent {
  const name = typeof params.name === 'string' ? { 'mcp-name': params.name } : {}
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (era === 'legacy') return { headers, body: JSON.stringify({ jsonrpc: '2.0', id, method, params }) }
  return {
    headers: { ...headers, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...name },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: ENVELOPE } }),
  }
}

export interface TestEndpoint extends Listening {
  endpoint: Endpoint
  store: OpenStore
  signer: Signer
  resource: string
  /** Ada belongs to Acme, Grace to Globex; both granted CLIENT everything an hour before START. */
  ada: number
  grace: number
  /** The clock, which a test may move. */
  clock: { now: Date }
  /** Every log line so far. */
  logged(): string
  token(userId: number, claims?: Record<string, unknown>): Promise<string>
  /** Sends with a token of Ada's, or with the one given. */
  ask(sent: Sent, token?: string): Promise<Answer>
}

async function seed(store: OpenStore): Promise<{ ada: number; grace: number }> {
  const at = START.getTime() - 3600_000
  const join = async (name: string, organization: string): Promise<number> => {
    const person = await store.people.add({ name, email: `${name}@example.com`.toLowerCase(), at })
    const { id } = await store.organizations.add({ name: organization, slug: organization.toLowerCase(), at })
    await store.members.add({ userId: person.id, organizationId: id, role: 'owner', at })
    await store.grants.ensure({
      userId: person.id,
      clientId: CLIENT,
      clientName: 'Test',
      scopes: [...SCOPES],
      at,
    })
    return person.id
  }
  return { ada: await join('Ada', 'Acme'), grace: await join('Grace', 'Globex') }
}

/** A whole endpoint over real HTTP: store in memory, keys, guard, tools. */
export async function startEndpoint(options: Partial<EndpointOptions> = {}): Promise<TestEndpoint> {
  const store = await openStore(':memory:')
  const people = await seed(store)
  const signer = await createSigner()
  await store.keys.add(signer.stored)
  const clock = { now: START }
  const now = () => clock.now
  const lines: string[] = []
  const log = createLog(
    'trace',
    new PassThrough().on('data', (line) => lines.push(String(line))),
  )
  let endpoint: Endpoint | undefined
  const listening = await listen((req, res) => void endpoint?.handle(req, res))
  const urls = publicUrls(listening.origin)
  const keys = localKeys(store.keys, () => now().getTime())
  const guard = createGuard({ urls, keys, principals: store.principals, log, now })
  endpoint = createEndpoint({ urls, store, guard, log, now, version: '1.2.3', ...options })
  const token = (userId: number, claims: Record<string, unknown> = {}) =>
    signer.sign(accessClaims(listening.origin, clock.now, { sub: String(userId), ...claims }))
  return {
    ...listening,
    ...people,
    endpoint,
    store,
    signer,
    clock,
    token,
    resource: urls.resource,
    logged: () => lines.join(''),
    async ask(sent, given) {
      const authorization = `Bearer ${given ?? (await token(people.ada))}`
      return send(listening.port, { ...sent, headers: { authorization, ...(sent.headers as object) } })
    },
    async close() {
      await endpoint?.close()
      await listening.close()
      await store.close()
    },
  }
}
