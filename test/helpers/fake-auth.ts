import type { ServerResponse } from 'node:http'
import { type Behaviour, goodBehaviour } from './fake-behaviour.js'
import { fakeTokens } from './fake-tokens.js'
import { listen } from './http.js'
import { type Recorded, record, sendJson, sendPage } from './recorded.js'

export interface FakeAuth {
  origin: string
  /** The MCP endpoint. */
  url: URL
  readonly issuer: string
  behave: Behaviour
  requests: Recorded[]
  /** The requests of one path below the origin, such as `/auth/token`. */
  of(path: string): Recorded[]
  /** Forgets every client that was registered. */
  forgetClients(): void
  /** Ends every access token; refresh tokens live on. */
  expireAccess(): void
  /** Ends everything. */
  revokeAll(): void
  isGood(accessToken: string): boolean
  /** Refresh requests that were answered with tokens. */
  refreshes(): number
  close(): Promise<void>
}

const METADATA = '/.well-known/oauth-protected-resource'
const SERVER_METADATA = '/.well-known/oauth-authorization-server'

/**
 * An authorization server and the MCP server that trusts it, on one free port of this computer. They hold to the
 * standards strictly (PKCE, one use of codes, rotation with reuse detection, `resource` bound), record everything
 * they are sent, and misbehave as `behave` says. A GET of the authorization endpoint is the person's visit.
 */
export async function fakeAuth(behaviour: Partial<Behaviour> = {}): Promise<FakeAuth> {
  const behave: Behaviour = { ...goodBehaviour(), ...behaviour }
  const tokens = fakeTokens(behave)
  const requests: Recorded[] = []
  const server = await listen((request, response) => {
    void record(request).then((recorded) => {
      requests.push(recorded)
      return answer(recorded, response)
    })
  })
  const { origin } = server
  const url = new URL('/api/mcp', origin)
  const issuerOf = (path: string): string => origin + path

  const answer = async (request: Recorded, response: ServerResponse): Promise<void> => {
    const { path } = request
    if (misbehave(path, response)) return
    if (path === url.pathname) return mcp(request, response)
    if (path === METADATA + url.pathname && behave.resource !== null) return resourceMetadata(response)
    if (path === SERVER_METADATA + behave.issuerPath) return serverMetadata(behave.issuerPath, response)
    const [, issuerPath = '', endpoint = ''] = /^(\/\w+)\/(\w+)$/.exec(path) ?? []
    const handler = endpoints[endpoint]
    return handler ? handler(issuerPath, request, response) : sendJson(response, 404, {})
  }

  const misbehave = (path: string, response: ServerResponse): boolean => {
    const given = behave.answers.get(path)
    if (!given || given.times === 0) return false
    if (given.times !== undefined) given.times -= 1
    response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers })
    response.end(given.body ?? '{}')
    return true
  }

  const resourceMetadata = (response: ServerResponse) =>
    sendJson(response, 200, {
      resource: behave.resource ?? url.href,
      authorization_servers: behave.issuers ?? [issuerOf(behave.issuerPath)],
      scopes_supported: behave.scopesSupported,
      bearer_methods_supported: ['header'],
    })

  const serverMetadata = (path: string, response: ServerResponse) => {
    const issuer = issuerOf(path)
    sendJson(response, 200, {
      issuer: behave.issuer ?? issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      registration_endpoint: `${issuer}/register`,
      revocation_endpoint: `${issuer}/revoke`,
      jwks_uri: `${issuer}/jwks`,
      device_authorization_endpoint: `${issuer}/device`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      authorization_response_iss_parameter_supported: true,
      ...behave.metadata,
    })
  }

  const authorize: Endpoint = (path, { query }, response) => {
    const redirectUri = query.get('redirect_uri') ?? ''
    const stranger = tokens.stranger(path, query.get('client_id') ?? '', redirectUri)
    if (stranger) return sendPage(response, 400, stranger)
    const isComplete = query.get('code_challenge_method') === 'S256' && query.has('resource')
    if (!isComplete) return sendPage(response, 400, 'Bad request')
    if (behave.person === 'waits') return sendPage(response, 200, 'Sign in')
    const to = new URL(redirectUri)
    to.searchParams.set('state', query.get('state') ?? '')
    if (behave.iss === 'right') to.searchParams.set('iss', issuerOf(path))
    if (behave.iss === 'wrong') to.searchParams.set('iss', 'https://evil.example')
    if (behave.person === 'denies') to.searchParams.set('error', 'access_denied')
    else to.searchParams.set('code', tokens.code(path, query))
    response.writeHead(302, { location: to.href }).end()
  }

  /** What is used up is used up at once; only the answer takes its time, so that a client that dies loses it. */
  const token: Endpoint = async (path, request, response) => {
    const reply = tokens.redeem(path, request)
    if (behave.tokenDelayMs > 0) await new Promise((resume) => setTimeout(resume, behave.tokenDelayMs))
    sendJson(response, 'error' in reply ? 400 : 200, reply)
  }

  const device: Endpoint = (path, { form }, response) => {
    const page = `${issuerOf(path)}/activate`
    sendJson(response, 200, {
      device_code: tokens.device(path, form),
      user_code: 'WDJB-MJHT',
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=WDJB-MJHT`,
      expires_in: 300,
      interval: 1,
    })
  }

  const endpoints: Record<string, Endpoint> = {
    authorize,
    token,
    device,
    register: (path, { json }, response) => sendJson(response, 201, tokens.register(path, json)),
    revoke: (_path, { form }, response) => {
      tokens.revoke(form.get('token') ?? '')
      response.writeHead(200).end()
    },
    jwks: (_path, _request, response) => sendJson(response, 200, { keys: [{ kty: 'OKP' }] }),
  }

  const mcp = ({ method, headers, json }: Recorded, response: ServerResponse) => {
    if (method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end()
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    const scope = bearer === undefined ? undefined : tokens.scopeOf(bearer)
    const isOpen = behave.opensWithoutToken && json?.method !== 'tools/call'
    const error = bearer === undefined ? '' : ', error="invalid_token"'
    if (scope === undefined && !isOpen) return refuse(response, 401, error, behave.challengeScope)
    const isWrite = json?.method === 'tools/call' && json.params?.name === 'write'
    if (isWrite && !scope?.split(' ').includes('tasks:write')) {
      return refuse(response, 403, ', error="insufficient_scope"', 'tasks:write')
    }
    if (json?.id === undefined) return void response.writeHead(202).end()
    sendJson(response, 200, { jsonrpc: '2.0', id: json.id, result: resultOf(json.method) })
  }

  const refuse = (response: ServerResponse, status: number, error: string, scope: string | undefined) => {
    const named = scope === undefined ? '' : `, scope="${scope}"`
    const usual = `Bearer resource_metadata="${origin}${METADATA}${url.pathname}"${named}${error}`
    const header = behave.wwwAuthenticate === undefined ? usual : behave.wwwAuthenticate
    if (header !== null) response.setHeader('www-authenticate', header)
    sendJson(response, status, { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Not allowed.' } })
  }

  return {
    origin,
    url,
    get issuer() {
      return issuerOf(behave.issuerPath)
    },
    behave,
    requests,
    of: (path) => requests.filter((request) => request.path === path),
    forgetClients: tokens.forgetClients,
    expireAccess: tokens.expireAccess,
    revokeAll: tokens.revokeAll,
    isGood: (value) => tokens.scopeOf(value) !== undefined,
    refreshes: tokens.refreshes,
    close: server.close,
  }
}

type Endpoint = (issuerPath: string, request: Recorded, response: ServerResponse) => void | Promise<void>

const TOOLS = ['read', 'write'].map((name) => ({ name, inputSchema: { type: 'object' } }))

function resultOf(method: string): unknown {
  if (method === 'tools/list') return { tools: TOOLS }
  if (method === 'tools/call') return { content: [{ type: 'text', text: 'done' }] }
  if (method !== 'initialize') return {}
  const serverInfo = { name: 'fake', version: '1' }
  return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }
}
