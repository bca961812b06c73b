import type { Request as Incoming, Response as Outgoing } from 'express'
import { type Auth, PAGES } from '../auth/server.js'
import { SCOPE_SENTENCES } from '../tools/scopes.js'
import { logAccess } from './access-log.js'
import { consentPage } from './pages.js'
import { LOST_TRANSACTION } from './sign-in.js'
import { issueFormToken, readSession, readTransaction, spendFormToken } from './transaction.js'
import { formBody, navigationHeaders, passCookies, rawQuery, sendPage, sendProblem } from './web.js'

/** The consent page and its form: what a client may do in the person's name, one checkbox per scope. */
export function createConsent({ auth }: { auth: Auth }) {
  async function show(req: Incoming, res: Outgoing): Promise<void> {
    const query = rawQuery(req)
    const transaction = await readTransaction(auth, query)
    if (!transaction) return sendProblem(res, LOST_TRANSACTION)
    const session = await readSession(auth, req)
    if (!session) return res.redirect(303, `${PAGES.signIn}?${query}`)
    const organizations = await auth.store.organizations.listFor(session.userId)
    const html = consentPage({
      query,
      csrf: await issueFormToken(auth, session.sessionId, query),
      client: { ...transaction.client, verified: false },
      person: { name: session.name, email: session.email },
      scopes: transaction.scopes.map((name) => ({ name, sentence: SCOPE_SENTENCES[name] })),
      organizations: organizations.map(({ name }) => name),
    })
    sendPage(res, 200, html)
  }

  async function submit(req: Incoming, res: Outgoing): Promise<void> {
    const form = formBody(req)
    const query = form.get('query') ?? ''
    const transaction = await readTransaction(auth, query)
    const session = await readSession(auth, req)
    if (!transaction || !session) return sendProblem(res, LOST_TRANSACTION)
    if (!(await spendFormToken(auth, form.get('csrf') ?? '', session.sessionId, query))) {
      return sendProblem(res, { ...LOST_TRANSACTION, status: 403 })
    }
    const chosen = transaction.scopes.filter((scope) => form.getAll('scope').includes(scope))
    // Nothing checked is a no: without a scope the authorization server would grant all that was asked.
    const accept = form.get('decision') === 'approve' && chosen.length > 0
    const answer = await auth.handle('/auth/oauth2/consent', {
      method: 'POST',
      headers: { ...navigationHeaders(req), 'content-type': 'application/json' },
      body: JSON.stringify({
        accept,
        oauth_query: query,
        ...(accept ? { scope: [...chosen, 'offline_access'].join(' ') } : {}),
      }),
    })
    const { url } = (await answer.json().catch(() => ({}))) as { url?: string }
    if (!answer.ok || !url) return sendProblem(res, LOST_TRANSACTION)
    const outcome = accept ? 'approved' : 'denied'
    const { clientId } = transaction.client
    const scopes = accept ? chosen : []
    logAccess(auth, req, res, { event: 'consent', outcome, userId: session.userId, clientId, scopes })
    passCookies(res, answer)
    res.redirect(303, url)
  }

  return { show, submit }
}
