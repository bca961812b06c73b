import { ADMIN_CLIENT, mintToken } from '../../src/auth/token.js'
import { SCOPES, type Scope } from '../../src/tools/scopes.js'
import { type Answer, type Sent, send } from './http.js'
import { type Served, serveAll } from './serve.js'

/** The whole server as an attacker meets it, who may also have an account of its own. */
export interface Target extends Served {
  port: number
  /** Sends a request with the right Host, unless the headers are given as a list. */
  ask(sent: Sent): Promise<Answer>
  /** A valid access token of a person. */
  tokenFor(userId: number, scopes?: readonly Scope[]): Promise<string>
  /** Calls a tool with a token, and answers what came. */
  call(token: string, name: string, args: unknown, id?: unknown): Promise<Answer>
}

export async function startTarget(options: Parameters<typeof serveAll>[0] = {}): Promise<Target> {
  const served = await serveAll(options)
  const { host, port } = new URL(served.base)
  const ask = (sent: Sent): Promise<Answer> => {
    if (Array.isArray(sent.headers)) return send(Number(port), sent)
    return send(Number(port), { ...sent, headers: { host, ...sent.headers } })
  }
  return {
    ...served,
    port: Number(port),
    ask,
    async tokenFor(userId, scopes = SCOPES) {
      await served.store.grants.ensure({ userId, ...ADMIN_CLIENT, scopes: [...SCOPES], at: 0 })
      return mintToken(served.auth, { userId, scopes, ttlSeconds: 900 })
    },
    call: (token, name, args, id = 1) =>
      ask({
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } }),
      }),
  }
}

/** A person of an organization, both new. */
export async function addPersonIn(
  { store }: Pick<Served, 'store'>,
  organization: string,
  name = organization,
): Promise<{ userId: number; organizationId: number }> {
  const slug = organization.toLowerCase()
  const at = Date.now()
  const { id: organizationId } = await store.organizations.add({ name: organization, slug, at })
  const { id: userId } = await store.people.add({ name, email: `${name.toLowerCase()}@example.com`, at })
  await store.members.add({ userId, organizationId, role: 'owner', at })
  return { userId, organizationId }
}
