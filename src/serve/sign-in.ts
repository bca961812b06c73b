import type { Request as Incoming, Response as Outgoing } from 'express'
import { normalEmail } from '../auth/people.js'
import { type Auth, PAGES } from '../auth/server.js'
import { logAccess } from './access-log.js'
import { createDevices } from './device.js'
import { signInPage } from './pages.js'
import type { RateLimit } from './rate-limit.js'
import { readSession, readTransaction, type Transaction } from './transaction.js'
import { formBody, navigationHeaders, passCookies, rawQuery, sendPage, sendProblem } from './web.js'

export const LOST_TRANSACTION = {
  status: 400,
  title: 'This page has expired',
  message: 'Go back to the program that sent you here and connect again.',
}

/** What the person reads for each answer of the authorization server that is no success. */
const REFUSALS: Record<number, string> = {
  401: 'That email address and password do not belong together.',
  403: 'This account is disabled. Ask the person who runs this server.',
  429: 'Too many attempts. Wait a minute, then try again.',
}

/** The same for the log. */
const OUTCOMES: Record<number, string> = { 200: 'ok', 401: 'refused', 403: 'disabled', 429: 'slowed' }

/** Answers 200 and where to go on, or the status of the refusal. */
async function verify(auth: Auth, req: Incoming, res: Outgoing, credentials: Record<string, string>) {
  const answer = await auth.handle('/auth/sign-in/email', {
    method: 'POST',
    headers: { ...navigationHeaders(req), 'sec-fetch-mode': 'cors', 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  })
  const { url } = (await answer.json().catch(() => ({}))) as { url?: string }
  if (!answer.ok || !url) return { status: answer.status in REFUSALS ? answer.status : 401 }
  passCookies(res, answer)
  return { status: 200, url }
}

const MAX_EMAIL_LENGTH = 254

/** The address as accounts are known by; empty where what was typed cannot be one. */
function typedEmail(form: URLSearchParams): string {
  const email = normalEmail(form.get('email') ?? '')
  return email.length > MAX_EMAIL_LENGTH || /\p{Cc}/u.test(email) ? '' : email
}

interface SignInOptions {
  auth: Auth
  /** Guesses for one account, or from a browser that its person uses. A right password costs nothing. */
  accounts: RateLimit
}

/** The sign-in page, its form, and signing out. */
export function createSignIn({ auth, accounts }: SignInOptions) {
  const devices = createDevices(auth)
  const page = (transaction: Transaction, more: { email?: string; error?: string } = {}) =>
    signInPage({
      query: transaction.query,
      client: { name: transaction.client.name, host: transaction.client.redirectHost },
      ...more,
    })

  async function show(req: Incoming, res: Outgoing): Promise<void> {
    const transaction = await readTransaction(auth, rawQuery(req))
    if (transaction) sendPage(res, 200, page(transaction))
    else sendProblem(res, LOST_TRANSACTION)
  }

  async function submit(req: Incoming, res: Outgoing): Promise<void> {
    const form = formBody(req)
    const transaction = await readTransaction(auth, form.get('query') ?? '')
    if (!transaction) return sendProblem(res, LOST_TRANSACTION)
    const email = typedEmail(form)
    const password = form.get('password') ?? ''
    const guesser = devices.known(req, email) ?? email
    const { status, url } =
      (await accounts.take(guesser)) > 0
        ? { status: 429 }
        : await verify(auth, req, res, { email, password, oauth_query: transaction.query })
    const person = await auth.store.people.findByEmail(email)
    const { clientId } = transaction.client
    logAccess(auth, req, res, {
      event: 'sign-in',
      outcome: OUTCOMES[status] ?? '',
      userId: person?.id,
      clientId,
    })
    if (url !== undefined) {
      await accounts.giveBack(guesser)
      devices.remember(req, res, email)
      return res.redirect(303, url)
    }
    if (status === 429) res.set('retry-after', '60')
    sendPage(res, status, page(transaction, { email, error: REFUSALS[status] as string }))
  }

  /** Ends the session, and goes on with the same transaction as somebody else. */
  async function signOut(req: Incoming, res: Outgoing): Promise<void> {
    const session = await readSession(auth, req)
    const answer = await auth.handle('/auth/sign-out', { method: 'POST', headers: navigationHeaders(req) })
    if (session) logAccess(auth, req, res, { event: 'sign-out', outcome: 'ok', userId: session.userId })
    passCookies(res, answer)
    res.redirect(303, `${PAGES.signIn}?${new URLSearchParams(formBody(req).get('query') ?? '')}`)
  }

  return { show, submit, signOut }
}
