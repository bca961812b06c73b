import { createHash } from 'node:crypto'
import type { Request as Incoming, Response as Outgoing } from 'express'
import { errorPage } from './pages.js'

/** Where nothing but our own stylesheet and icon may load, and nobody may frame the page (CSP 3). */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // `no-referrer` would make browsers send `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

export function sendPage(res: Outgoing, status: number, html: string): void {
  res.status(status).set(PAGE_HEADERS).type('html').send(html)
}

export interface Problem {
  status: number
  title: string
  message: string
}

export const sendProblem = (res: Outgoing, problem: Problem): void =>
  sendPage(
    res,
    problem.status,
    errorPage({ ...problem, requestId: res.locals.requestId as string | undefined }),
  )

/** An error of an OAuth endpoint (RFC 6749 §5.2). */
export function sendOAuthError(res: Outgoing, status: number, error: string, description: string): void {
  res.status(status).set('cache-control', 'no-store').json({ error, error_description: description })
}

/** A public asset, cached by the hash in its URL. */
export function sendAsset(res: Outgoing, type: string, body: string): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`
  res
    .set({ 'cache-control': 'public, max-age=86400', etag, 'x-content-type-options': 'nosniff' })
    .type(type)
    .send(body)
}

/** Answers with what the authorization server said: its status, its body, its cookies. */
export async function sendAnswer(res: Outgoing, answer: Response): Promise<void> {
  passCookies(res, answer)
  res.status(answer.status)
  res.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  res.type(answer.headers.get('content-type') ?? 'application/json').send(await answer.text())
}

export function passCookies(res: Outgoing, answer: Response): void {
  for (const cookie of answer.headers.getSetCookie()) res.append('set-cookie', cookie)
}

/** The headers of a browser's own navigation, with its cookies and nothing else of the request. */
export const navigationHeaders = (req: Incoming): Record<string, string> => ({
  ...(req.headers.cookie ? { cookie: req.headers.cookie } : {}),
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
})

/** The query exactly as it was sent, without the question mark. */
export function rawQuery(req: Incoming): string {
  const start = req.originalUrl.indexOf('?')
  return start < 0 ? '' : req.originalUrl.slice(start + 1)
}

/** A form body (application/x-www-form-urlencoded) that `express.text` has read. */
export const formBody = (req: Incoming): URLSearchParams =>
  new URLSearchParams(typeof req.body === 'string' ? req.body : '')
