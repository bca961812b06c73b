import { createHash, randomBytes } from 'node:crypto'
import type { Request as Incoming } from 'express'
import { hasControls } from '../auth/authorization.js'
import { isLoopbackRedirect, redirectHost } from '../auth/redirect-uri.js'
import { type Auth, PAGE_LIFETIME } from '../auth/server.js'
import { isScope, type Scope } from '../tools/scopes.js'

/** An authorization that a person is in the middle of, read from the query that the server signed. */
export interface Transaction {
  query: string
  client: { clientId: string; name: string; redirectHost: string; uri: string | undefined; loopback: boolean }
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
  if (!clientId || !redirectUri || !parameters.has('sig') || hasControls(parameters)) return undefined
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
      clientId,
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

const digest = (...parts: string[]): string =>
  createHash('sha256').update(parts.join('\n')).digest('base64url')
const formId = (token: string): string => `consent-form ${digest(token)}`

/** A token for one consent form: good once, for one session and one transaction, as long as the page is. */
export async function issueFormToken(auth: Auth, sessionId: string, query: string): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await auth.context.internalAdapter.createVerificationValue({
    identifier: formId(token),
    value: digest(sessionId, query),
    expiresAt: new Date(auth.now().getTime() + PAGE_LIFETIME * 1000),
  })
  return token
}

/** Spends a form's token. Answers whether it was still good and for this session and transaction. */
export async function spendFormToken(
  auth: Auth,
  token: string,
  sessionId: string,
  query: string,
): Promise<boolean> {
  const form = await auth.context.internalAdapter.consumeVerificationValue(formId(token))
  return form?.value === digest(sessionId, query)
}
