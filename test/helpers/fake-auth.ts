import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from './http.js'

/** One request as it arrived. */
export interface Recorded {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  text: string
  /** The body as a form. */
  form: URLSearchParams
  /** The body as JSON; undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into bodies whose shape is what they assert
  json: any
}

/** How the servers behave; every field may be changed at any time. */
export interface Behaviour {
  /** Path of the issuer that the resource names: `/auth` at first. Each path is an authorization server of its own. */
  issuerPath: string
  /** What the resource's metadata says of itself, if not the truth; null: it has no metadata. */
  resource: string | null | undefined
  /** What the resource's metadata says of its issuers. */
  issuers: string[] | undefined
  /** The issuer that the authorization server's metadata names. */
  issuer: string | undefined
  /** Fields of the authorization server's metadata to set, or to leave out with undefined. */
  metadata: Record<string, unknown>
  scopesSupported: string[] | undefined
  challengeScope: string | undefined
  /** What a 401 says instead of the usual challenge; null: nothing. */
  wwwAuthenticate: string | null | undefined
  /** Answers instead of the real one, by path below the origin: a status, or a whole reply. */
  answers: Map<string, { status: number; body?: string; headers?: Record<string, string>; times?: number }>
  /** Whether the port of a redirect address has to be the registered one. */
  strictRedirect: boolean
  /** How the authorization response names its issuer. */
  iss: 'right' | 'wrong' | 'missing'
  /** What the person does. */
  person: 'approves' | 'denies' | 'waits'
  /** Scopes that the person grants of those asked for; undefined: all. */
  grants: string[] | undefined
  expiresIn: number | undefined
  /** Milliseconds that the token endpoint takes. */
  tokenDelayMs: number
  /** Whether a refresh answers with a new refresh token, which ends the old one. */
  rotates: boolean
  /** Milliseconds in which a used refresh token gets the same answer again. */
  graceMs: number
  issuesRefreshToken: boolean
  /** Whether the device login was approved. */
  deviceApproved: boolean
}

export interface Grant {
  issuerPath: string
  clientId: string
  scope: string
  resource: string
  revoked: boolean
}

interface Access extends Grant {
  grant: Grant
  expiresAt: number
}

interface Refresh {
  grant: Grant
  usedAt: number | undefined
  answer: string | undefined
}

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

const defaults = (): Behaviour => ({
  issuerPath: '/auth',
  resource: undefined,
  issuers: undefined,
  issuer: undefined,
  metadata: {},
  scopesSupported: ['tasks:read', 'tasks:write'],
  challengeScope: 'tasks:read',
  wwwAuthenticate: undefined,
  answers: new Map(),
  strictRedirect: false,
  iss: 'right',
  person: 'approves',
  grants: undefined,
  expiresIn: 600,
  tokenDelayMs: 0,
  rotates: true,
  graceMs: 30_000,
  issuesRefreshToken: true,
  deviceApproved: true,
})

const secret = (): string => randomBytes(16).toString('base64url')
const METADATA = '/.well-known/oauth-protected-resource'

/**
 * An authorization server and the MCP server that trusts it, on one free port of this computer. They hold to the
 * standards strictly (PKCE, one use of codes, rotation with reuse detection, `resource` bound), record everything
 * they are sent, and misbehave as `behave` says. A GET of the authorization endpoint is the person's visit.
 */
export async function fakeAuth(behaviour: Partial<Behaviour> = {}): Promise<FakeAuth> {
  const behave: Behaviour = { ...defaults(), ...behaviour }
  const requests: Recorded[] = []
  const clients = new Map<string, { redirectUris: string[]; secret?: string; path: string }>()
  const codes = new Map<string, Grant & { challenge: string; redirectUri: string; used: boolean }>()
  const accesses = new Map<string, Access>()
  const refreshes = new Map<string, Refresh>()
  const devices = new Map<string, Grant>()
  let refreshed = 0

  const server = await listen((request, response) => {
    void read(request).then((recorded) => {
      requests.push(recorded)
      return answer(recorded, response)
    })
  })
  const { origin } = server
  const url = new URL('/api/mcp', origin)
  const issuerOf = (path: string): string => `${origin}${path}`

  const answer = async (request: Recorded, response: ServerResponse): Promise<void> => {
    const { path } = request
    const given = behave.answers.get(path)
    if (given && (given.times ?? 1) > 0) {
      if (given.times !== undefined) given.times -= 1
      response.writeHead(given.status, { 'content-type': 'application/json', ...given.headers })
      response.end(given.body ?? '{}')
      return
    }
    if (path === url.pathname) return mcp(request, response)
    if (path === `${METADATA}${url.pathname}`) return resourceMetadata(response)
    const known = /^\/\.well-known\/oauth-authorization-server(\/\w+)?$/.exec(path)
    if (known && (known[1] ?? '') === behave.issuerPath.replace(/^\/$/, ''))
      return metadata(known[1] ?? '', response)
    const [, issuerPath = '', endpoint = ''] = /^(\/\w+)\/(\w+)$/.exec(path) ?? []
    const handler = ENDPOINTS[endpoint]
    if (!handler) return send(response, 404, { error: 'not_found' })
    return handler(issuerPath, request, response)
  }

  const resourceMetadata = (response: ServerResponse) => {
    if (behave.resource === null) return send(response, 404, {})
    send(response, 200, {
      resource: behave.resource ?? url.href,
      authorization_servers: behave.issuers ?? [issuerOf(behave.issuerPath)],
      scopes_supported: behave.scopesSupported,
      bearer_methods_supported: ['header'],
    })
  }

  const metadata = (path: string, response: ServerResponse) =>
    send(response, 200, {
      issuer: behave.issuer ?? issuerOf(path),
      authorization_endpoint: `${issuerOf(path)}/authorize`,
      token_endpoint: `${issuerOf(path)}/token`,
      registration_endpoint: `${issuerOf(path)}/register`,
      revocation_endpoint: `${issuerOf(path)}/revoke`,
      jwks_uri: `${issuerOf(path)}/jwks`,
      device_authorization_endpoint: `${issuerOf(path)}/device`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic'],
      authorization_response_iss_parameter_supported: true,
      ...behave.metadata,
    })

  const register = (path: string, { json }: Recorded, response: ServerResponse): void => {
    const clientId = `client-${secret()}`
    const method = json.token_endpoint_auth_method
    const clientSecret = method === 'none' ? undefined : secret()
    clients.set(clientId, {
      redirectUris: json.redirect_uris,
      path,
      ...(clientSecret === undefined ? {} : { secret: clientSecret }),
    })
    send(response, 201, { ...json, client_id: clientId, client_secret: clientSecret })
  }

  const authorize = (path: string, { query }: Recorded, response: ServerResponse) => {
    const clientId = query.get('client_id') ?? ''
    const redirectUri = query.get('redirect_uri') ?? ''
    const client = clients.get(clientId)
    const fits = (one: string): boolean =>
      (behave.strictRedirect ? one : portless(one)) ===
      (behave.strictRedirect ? redirectUri : portless(redirectUri))
    const isDocument = clientId.startsWith('https://')
    if (!isDocument && (client?.path !== path || !client.redirectUris.some(fits))) {
      return page(response, 400, client ? 'Unknown redirect address' : 'Unknown client')
    }
    if (query.get('code_challenge_method') !== 'S256' || !query.get('resource'))
      return page(response, 400, 'Bad request')
    if (behave.person === 'waits') return page(response, 200, 'Sign in')
    const to = new URL(redirectUri)
    to.searchParams.set('state', query.get('state') ?? '')
    if (behave.iss !== 'missing')
      to.searchParams.set('iss', behave.iss === 'right' ? issuerOf(path) : 'https://evil.example')
    if (behave.person === 'denies') to.searchParams.set('error', 'access_denied')
    else {
      const code = secret()
      const asked = (query.get('scope') ?? '').split(' ').filter(Boolean)
      codes.set(code, {
        issuerPath: path,
        clientId,
        scope: asked.filter((scope) => behave.grants?.includes(scope) ?? true).join(' '),
        resource: query.get('resource') ?? '',
        revoked: false,
        challenge: query.get('code_challenge') ?? '',
        redirectUri,
        used: false,
      })
      to.searchParams.set('code', code)
    }
    response.writeHead(302, { location: to.href }).end()
  }

  const token = async (path: string, request: Recorded, response: ServerResponse): Promise<void> => {
    const { form } = request
    // What is used up is used up at once, and only the answer takes its time: so that a client that dies loses it.
    const reply = redeem(path, request)
    if (behave.tokenDelayMs > 0) await new Promise((resume) => setTimeout(resume, behave.tokenDelayMs))
    if (form.get('grant_type') === 'refresh_token' && !('error' in reply)) refreshed += 1
    send(response, 'error' in reply ? 400 : 200, reply)
  }

  const redeem = (path: string, { form, headers }: Recorded): Record<string, unknown> => {
    const [basicId, basicSecret] = Buffer.from(headers.authorization?.slice(6) ?? '', 'base64')
      .toString()
      .split(':')
    const clientId = form.get('client_id') ?? basicId ?? ''
    const client = clients.get(clientId)
    const isDocument = clientId.startsWith('https://')
    if (!isDocument && (client?.path !== path || (client.secret && client.secret !== basicSecret))) {
      return { error: 'invalid_client' }
    }
    switch (form.get('grant_type')) {
      case 'authorization_code':
        return redeemCode(path, clientId, form)
      case 'refresh_token':
        return redeemRefresh(path, clientId, form)
      case 'client_credentials':
        return issue(newGrant(path, clientId, form.get('scope') ?? '', form.get('resource') ?? ''), false)
      case 'urn:ietf:params:oauth:grant-type:device_code': {
        const grant = devices.get(form.get('device_code') ?? '')
        if (!grant || grant.clientId !== clientId) return { error: 'invalid_grant' }
        return behave.deviceApproved ? issue(grant, true) : { error: 'authorization_pending' }
      }
      default:
        return { error: 'unsupported_grant_type' }
    }
  }

  const redeemCode = (path: string, clientId: string, form: URLSearchParams): Record<string, unknown> => {
    const code = codes.get(form.get('code') ?? '')
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const good =
      code &&
      !code.used &&
      code.issuerPath === path &&
      code.clientId === clientId &&
      code.challenge === challenge &&
      code.redirectUri === form.get('redirect_uri') &&
      code.resource === form.get('resource')
    if (!good) return { error: 'invalid_grant' }
    code.used = true
    return issue(newGrant(path, clientId, code.scope, code.resource), behave.issuesRefreshToken)
  }

  const redeemRefresh = (path: string, clientId: string, form: URLSearchParams): Record<string, unknown> => {
    const found = refreshes.get(form.get('refresh_token') ?? '')
    if (
      !found ||
      found.grant.revoked ||
      found.grant.issuerPath !== path ||
      found.grant.clientId !== clientId
    ) {
      return { error: 'invalid_grant' }
    }
    if (form.get('resource') !== found.grant.resource) return { error: 'invalid_target' }
    if (found.usedAt !== undefined) {
      if (Date.now() - found.usedAt < behave.graceMs && found.answer) return JSON.parse(found.answer)
      found.grant.revoked = true
      return { error: 'invalid_grant' }
    }
    if (!behave.rotates) return issue(found.grant, false)
    found.usedAt = Date.now()
    const reply = issue(found.grant, true)
    found.answer = JSON.stringify(reply)
    return reply
  }

  const newGrant = (issuerPath: string, clientId: string, scope: string, resource: string): Grant => ({
    issuerPath,
    clientId,
    scope,
    resource,
    revoked: false,
  })

  const issue = (grant: Grant, withRefresh: boolean): Record<string, unknown> => {
    const header = Buffer.from('{"alg":"none"}').toString('base64url')
    const claims = Buffer.from(JSON.stringify({ sub: 'person-1', jti: secret() })).toString('base64url')
    const access = `${header}.${claims}.${secret()}`
    const life = behave.expiresIn ?? 600
    accesses.set(access, { ...grant, grant, expiresAt: Date.now() + life * 1000 })
    const refresh = withRefresh ? secret() : undefined
    if (refresh) refreshes.set(refresh, { grant, usedAt: undefined, answer: undefined })
    return {
      access_token: access,
      token_type: 'Bearer',
      scope: grant.scope || undefined,
      expires_in: behave.expiresIn,
      refresh_token: refresh,
    }
  }

  const device = (path: string, { form }: Recorded, response: ServerResponse): void => {
    const code = secret()
    devices.set(
      code,
      newGrant(path, form.get('client_id') ?? '', form.get('scope') ?? '', form.get('resource') ?? ''),
    )
    send(response, 200, {
      device_code: code,
      user_code: 'WDJB-MJHT',
      verification_uri: `${issuerOf(path)}/activate`,
      verification_uri_complete: `${issuerOf(path)}/activate?user_code=WDJB-MJHT`,
      expires_in: 300,
      interval: 1,
    })
  }

  const revoke = (_path: string, { form }: Recorded, response: ServerResponse): void => {
    const value = form.get('token') ?? ''
    const grant = refreshes.get(value)?.grant ?? accesses.get(value)?.grant
    if (grant) grant.revoked = true
    response.writeHead(200).end()
  }

  const ENDPOINTS: Record<
    string,
    (path: string, request: Recorded, response: ServerResponse) => void | Promise<void>
  > = {
    register,
    authorize,
    token,
    device,
    revoke,
    jwks: (_path, _request, response) => send(response, 200, { keys: [{ kty: 'OKP' }] }),
  }

  const good = (value: string): Access | undefined => {
    const access = accesses.get(value)
    return access && !access.grant.revoked && Date.now() < access.expiresAt ? access : undefined
  }

  const mcp = ({ method, headers, json }: Recorded, response: ServerResponse) => {
    if (method !== 'POST') {
      response.writeHead(405, { allow: 'POST' }).end()
      return
    }
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    const access = bearer === undefined ? undefined : good(bearer)
    if (!access)
      return challenge(
        response,
        401,
        bearer === undefined ? '' : ', error="invalid_token"',
        behave.challengeScope,
      )
    const writes = json?.method === 'tools/call' && json.params?.name === 'write'
    if (writes && !access.scope.split(' ').includes('tasks:write')) {
      return challenge(response, 403, ', error="insufficient_scope"', 'tasks:write')
    }
    if (json?.id === undefined) {
      response.writeHead(202).end()
      return
    }
    send(response, 200, { jsonrpc: '2.0', id: json.id, result: resultOf(json.method) })
  }

  const challenge = (
    response: ServerResponse,
    status: number,
    error: string,
    scope: string | undefined,
  ): void => {
    const usual = `Bearer resource_metadata="${origin}${METADATA}${url.pathname}"${scope ? `, scope="${scope}"` : ''}${error}`
    const header = behave.wwwAuthenticate === undefined ? usual : behave.wwwAuthenticate
    if (header !== null) response.setHeader('www-authenticate', header)
    send(response, status, { jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Not allowed.' } })
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
    forgetClients: () => clients.clear(),
    expireAccess: () => accesses.clear(),
    revokeAll: () => {
      for (const { grant } of [...refreshes.values(), ...accesses.values()]) grant.revoked = true
    },
    isGood: (value) => good(value) !== undefined,
    refreshes: () => refreshed,
    close: server.close,
  }
}

const TOOLS = ['read', 'write'].map((name) => ({ name, inputSchema: { type: 'object' } }))

function resultOf(method: string): unknown {
  if (method === 'tools/list') return { tools: TOOLS }
  if (method === 'tools/call') return { content: [{ type: 'text', text: 'done' }] }
  if (method !== 'initialize') return {}
  const serverInfo = { name: 'fake', version: '1' }
  return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo }
}

const portless = (address: string): string => address.replace(/:\d+\//, '/')

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

function page(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { 'content-type': 'text/html' }).end(`<title>${title}</title>`)
}

async function read(request: IncomingMessage): Promise<Recorded> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake')
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: request.headers,
    text,
    form: new URLSearchParams(text),
    json: jsonOf(text),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
