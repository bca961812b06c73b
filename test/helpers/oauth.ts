import { createHash, randomBytes } from 'node:crypto'
import { type Answer, type Browser, createBrowser, inputValue } from './browser.js'

export const CALLBACK = 'http://127.0.0.1:7777/callback'
export const ALL_SCOPES = 'organizations:read tasks:read tasks:write'

export const newVerifier = (): string => randomBytes(32).toString('base64url')
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier).digest('base64url')

/** Registers a public client and answers its id. */
export async function register(
  base: string,
  metadata: Record<string, unknown> = {},
  browser = createBrowser(),
): Promise<string> {
  const answer = await browser.send(`${base}/auth/oauth2/register`, {
    json: { client_name: 'Test client', redirect_uris: [CALLBACK], ...metadata },
    headers: { accept: 'application/json' },
  })
  if (answer.status !== 201) throw new Error(`registration answered ${answer.status}: ${answer.body}`)
  return JSON.parse(answer.body).client_id
}

export interface Login {
  base: string
  clientId: string
  email: string
  password: string
  scope?: string
  /** Which of the checkboxes stay checked; all of them by default. */
  keep?: string[]
  decision?: 'approve' | 'deny'
  redirectUri?: string
  extra?: Record<string, string>
  browser?: Browser
}

export const authorizeUrl = (
  login: Pick<Login, 'base' | 'clientId' | 'scope' | 'redirectUri' | 'extra'>,
  verifier: string,
): string =>
  `${login.base}/auth/oauth2/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: login.clientId,
    redirect_uri: login.redirectUri ?? CALLBACK,
    scope: login.scope ?? ALL_SCOPES,
    state: 'the state',
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
    ...login.extra,
  })}`

/** Clicks through sign-in and consent; answers where the browser is sent to in the end. */
export const clickThrough = (login: Login, verifier: string): Promise<URL> =>
  clickThroughFrom(authorizeUrl(login, verifier), login)

/** The same from an authorization URL that a client made. */
export async function clickThroughFrom(url: string, login: Omit<Login, 'clientId'>): Promise<URL> {
  const browser = login.browser ?? createBrowser()
  let page: Answer & { left?: string } = await browser.open(url)
  if (page.body.includes('name="password"')) {
    const form = { query: inputValue(page.body, 'query'), email: login.email, password: login.password }
    page = await browser.follow(await browser.send(`${login.base}/auth/sign-in`, { form }))
  }
  if (!page.left) {
    const shown = [
      ...page.body.matchAll(
        /<input[^>]*name="scope"[^>]*value="([^"]*)"|<input[^>]*value="([^"]*)"[^>]*name="scope"/g,
      ),
    ]
    const scope = shown
      .map((match) => match[1] ?? match[2] ?? '')
      .filter((name) => login.keep?.includes(name) ?? true)
    const form = {
      query: inputValue(page.body, 'query'),
      csrf: inputValue(page.body, 'csrf'),
      scope,
      decision: login.decision ?? 'approve',
    }
    page = await browser.follow(await browser.send(`${login.base}/auth/consent`, { form }))
  }
  if (!page.left)
    throw new Error(
      `the browser stayed at ${page.status}: ${page.body.replace(/<[^>]+>/g, ' ').slice(0, 400)}`,
    )
  return new URL(page.left)
}

export interface Tokens {
  access_token: string
  refresh_token: string
  expires_in: number
  scope: string
}

/** Calls the token endpoint. */
export async function tokenRequest(
  base: string,
  form: Record<string, string>,
  browser = createBrowser(),
): Promise<{ status: number; body: Tokens & { error?: string } }> {
  const answer = await browser.send(`${base}/auth/oauth2/token`, {
    form,
    headers: { accept: 'application/json' },
  })
  return { status: answer.status, body: JSON.parse(answer.body) }
}

/** A whole login: sign-in, consent, code, tokens. */
export async function logIn(login: Login): Promise<Tokens> {
  const verifier = newVerifier()
  const back = await clickThrough(login, verifier)
  const code = back.searchParams.get('code')
  if (!code) throw new Error(`no code: ${back.search}`)
  const { status, body } = await tokenRequest(login.base, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: login.redirectUri ?? CALLBACK,
    client_id: login.clientId,
    code_verifier: verifier,
  })
  if (status !== 200) throw new Error(`the token endpoint answered ${status}: ${JSON.stringify(body)}`)
  return body
}
