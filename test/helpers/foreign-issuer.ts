import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import Provider from 'oidc-provider'
import { createBrowser } from './browser.js'
import { CALLBACK, challengeOf, newVerifier } from './oauth.js'

export type SigningAlgorithm = 'RS256' | 'EdDSA'

export interface ForeignIssuer {
  issuer: string
  /** The paths that it was asked for, in order. */
  asked: string[]
  /** Signs with this algorithm from now on. */
  signWith(alg: SigningAlgorithm): void
  /** Signs with a new key from now on; the one before stays published. */
  rotate(): Promise<void>
  /** Answers nobody until `resume`. */
  stop(): Promise<void>
  resume(): Promise<void>
  close(): Promise<void>
}

async function signingKey(alg: SigningAlgorithm, kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' }
}

const keysOfGeneration = (generation: number): Promise<JWK[]> =>
  Promise.all([signingKey('RS256', `rsa-${generation}`), signingKey('EdDSA', `ed-${generation}`)])

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', resolve))

/**
 * An identity provider of another make: `oidc-provider` with open registration, resource indicators and JWT access
 * tokens, on a loopback port. Whoever signs in is the subject that was typed.
 */
export async function startForeignIssuer(scopes: readonly string[]): Promise<ForeignIssuer> {
  const asked: string[] = []
  let answer: RequestListener = (_req, res) => void res.writeHead(503).end()
  const server = createServer((req, res) => {
    asked.push(req.url ?? '')
    answer(req, res)
  })
  await listening(server, 0)
  const { port } = server.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}`
  let alg: SigningAlgorithm = 'RS256'
  let generation = 1
  let keys = await keysOfGeneration(generation)
  const provide = () => {
    const configuration = configurationOf({ keys, scopes, algorithm: () => alg })
    answer = new Provider(issuer, configuration).callback()
  }
  provide()
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    issuer,
    asked,
    signWith(next) {
      alg = next
    },
    async rotate() {
      generation += 1
      keys = [...(await keysOfGeneration(generation)), ...keys]
      provide()
    },
    stop,
    resume: () => listening(server, port),
    close: stop,
  }
}

interface Configuring {
  keys: JWK[]
  scopes: readonly string[]
  algorithm: () => SigningAlgorithm
}

/** A key set is read once, so that each rotation makes a provider; all of them share the package's store in memory. */
const configurationOf = ({ keys, scopes, algorithm }: Configuring): Record<string, unknown> => ({
  jwks: { keys },
  scopes: ['openid', 'offline_access', ...scopes],
  clientDefaults: { application_type: 'native', token_endpoint_auth_method: 'none' },
  cookies: { keys: ['a key of the tests'] },
  ttl: { AccessToken: 600, Grant: 3600, Interaction: 600, RefreshToken: 3600, Session: 3600 },
  findAccount: async (_ctx: unknown, accountId: string) => ({
    accountId,
    claims: async () => ({ sub: accountId }),
  }),
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: async (_ctx: unknown, resource: string) => ({
        audience: resource,
        scope: scopes.join(' '),
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: algorithm() } },
      }),
    },
  },
})

/** Types a subject and approves; answers the callback of the client, which nobody called yet. */
export async function signInAbroad(url: string, subject: string): Promise<URL> {
  const browser = createBrowser()
  let page = await browser.open(url)
  const forms = [{ prompt: 'login', login: subject, password: 'any' }, { prompt: 'consent' }]
  for (const form of forms) {
    const [, action] = /<form[^>]*action="([^"]+)"/.exec(page.body) ?? []
    if (!action) throw new Error(`the browser stayed at ${page.status}: ${page.body.slice(0, 800)}`)
    page = await browser.follow(await browser.send(new URL(action, page.url).href, { form }))
  }
  const { left } = page as { left?: string }
  if (!left) throw new Error(`the browser stayed at ${page.status}: ${page.body.slice(0, 800)}`)
  return new URL(left)
}

/** What a program posts, without the Origin of a browser. */
async function post(url: string, type: string, body: string): Promise<Record<string, string>> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}

export interface TokenAbroad {
  issuer: string
  subject: string
  scope: string
  resource: string
}

/** An access token for `resource`, by a client of its own: registration, sign-in, code, exchange. */
export async function tokenAbroad({ issuer, subject, scope, resource }: TokenAbroad): Promise<string> {
  const client = JSON.stringify({ redirect_uris: [CALLBACK] })
  const { client_id = '' } = await post(`${issuer}/reg`, 'application/json', client)
  const verifier = newVerifier()
  const common = { client_id, redirect_uri: CALLBACK, resource }
  const asking = new URLSearchParams({
    ...common,
    response_type: 'code',
    scope,
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
  })
  const code = (await signInAbroad(`${issuer}/auth?${asking}`, subject)).searchParams.get('code') ?? ''
  const form = { ...common, grant_type: 'authorization_code', code, code_verifier: verifier }
  const type = 'application/x-www-form-urlencoded'
  const { access_token = '' } = await post(`${issuer}/token`, type, `${new URLSearchParams(form)}`)
  return access_token
}
