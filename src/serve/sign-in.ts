import type { Request as Incoming, Response as Outgoing } from 'express'
import { type Auth, PAGES } from '../auth/server.js'
import { signInPage } from './pages.js'
import type { RateLimit } from './rate-limit.js'
import { readTransaction, type Transaction } from './transaction.js'
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

interface SignInOptions {
  auth: Auth
  /** Guesses for one account: they delay, they never lock. A right password costs nothing. */
  accounts: RateLimit
}

/** The sign-in page, its form, and signing out. */
export function createSignIn({ auth, accounts }: SignInOptions) {
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
    const email = (form.get('email') ?? '').trim().toLowerCase()
    const refuse = (status: number) => {
      if (status === 429) res.set('retry-after', '60')
      sendPage(
        res,
        status,
        page(transaction, { email, error: REFUSALS[status] ?? (REFUSALS[401] as string) }),
      )
    }
    if ((await accounts.take(email)) > 0) return refuse(429)
    const answer = await auth.handle('/auth/sign-in/email', {
      method: 'POST',
      headers: { ...navigationHeaders(req), 'sec-fetch-mode': 'cors', 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: form.get('password') ?? '', oauth_query: transaction.query }),
    })
    const { url } = (await answer.json().catch(() => ({}))) as { url?: string }
    if (!answer.ok || !url) return refuse(answer.status in REFUSALS ? answer.status : 401)
    await accounts.giveBack(email)
    passCookies(res, answer)
    res.redirect(303, url)
  }

  /** Ends the session, and goes on with the same transaction as somebody else. */
  async function signOut(req: Incoming, res: Outgoing): Promise<void> {
    const answer = await auth.handle('/auth/sign-out', { method: 'POST', headers: navigationHeaders(req) })
    passCookies(res, answer)
    res.redirect(303, `${PAGES.signIn}?${new URLSearchParams(formBody(req).get('query') ?? '')}`)
  }

  return { show, submit, signOut }
}
