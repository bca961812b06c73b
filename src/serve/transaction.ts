import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Request as Incoming } from 'express'
import { isLoopbackRedirect, redirectHost } from '../auth/redirect-uri.js'
import type { Auth } from '../auth/server.js'
import { isScope, type Scope } from '../tools/scopes.js'

/** An authorization that a person is in the middle of, read from the query that the server signed. */
export interface Transaction {
  query: string
  client: { name: string; redirectHost: string; uri: string | undefined; loopback: boolean }
  scopes: Scope[]
}

/**
 * The transaction of a page, or undefined when the query is not ours, was altered, or is too old. Nothing
 * about a request is shown or done before its signature holds.
 */
export async function readTransaction(auth: Auth, query: string): Promise<Transaction | undefined> {
  const parameters = new URLSearchParams(query)
  const clientId = parameters.get('client_id')
  const redirectUri = parameters.get('redirect_uri')
  if (!clientId || !redirectUri || !parameters.has('sig')) return undefined
  const answer = await auth.handle('/auth/oauth2/public-client-prelogin', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: clientId, oauth_query: query }),
  })
  if (!answer.ok) return undefined
  const client = await auth.store.clients.find(clientId)
  return {
    query,
    client: {
      name: client?.name ?? clientId,
      redirectHost: redirectHost(redirectUri),
      uri: client?.uri ?? undefined,
      loopback: isLoopbackRedirect(redirectUri),
    },
    scopes: (parameters.get('scope') ?? '').split(' ').filter(isScope),
  }
}

/** Who is signed in with this browser, if anybody. */
export async function readSession(auth: Auth, req: Incoming) {
  const headers = new Headers(req.headers.cookie ? { cookie: req.headers.cookie } : {})
  const found = await auth.api.getSession({ headers })
  if (!found) return undefined
  const { id, name, email } = found.user
  return { sessionId: String(found.session.id), userId: Number(id), name, email }
}

/** Ties a consent form to one session and one transaction. */
export const formToken = (auth: Auth, sessionId: string, query: string): string =>
  createHmac('sha256', auth.secret).update(`consent form\n${sessionId}\n${query}`).digest('base64url')

export function sameToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
