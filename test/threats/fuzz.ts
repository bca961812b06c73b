/** A fuzzer of a whole server: requests that begin as good ones, and answers held against what is promised. */
import { Agent, request as open } from 'node:http'
import * as fc from 'fast-check'

export interface FuzzOptions {
  requests: number
  seed: number
  /**
   * A server of role `all` that trusts one proxy (TRUST_PROXY=1) and has RATE_LIMIT=off: each request comes
   * from an address of its own, so that what is probed is not the rate limit alone.
   */
  baseUrl: string
  /**
   * Makes access tokens, asked again for every thousand requests because they live 15 minutes; without any only
   * the ways of strangers are probed.
   */
  tokens?: () => Promise<readonly string[]>
  /** How many requests are under way at once. */
  width?: number
}

export interface FuzzFigures {
  requests: number
  statuses: Record<string, number>
  /** Requests without any answer, and answers of status 500. */
  crashes: number
  /** The first answers that broke a promise, each with its request. */
  faults: string[]
}

interface Request {
  method: string
  path: string
  headers: Record<string, string>
  body: string
}

const ROUTES = [
  ...['/', '/healthz', '/readyz', '/favicon.ico', '/assets/style.css', '/assets/icon.svg'],
  ...['/.well-known/oauth-protected-resource/api/mcp', '/.well-known/oauth-protected-resource'],
  ...['/.well-known/oauth-authorization-server/auth', '/.well-known/openid-configuration', '/auth'],
  ...['/auth/jwks', '/auth/oauth2/authorize', '/auth/oauth2/token', '/auth/oauth2/revoke'],
  ...['/auth/oauth2/register', '/auth/oauth2/consent', '/auth/sign-in', '/auth/sign-in/email'],
  ...['/auth/sign-out', '/auth/consent', '/auth/get-session', '/auth/error', '/nothing', '/api', '/api/mcp/'],
]

const TOOL_NAMES = ['list_organizations', 'list_tasks', 'get_task', 'create_task', 'update_task']
const ARGUMENTS = [
  ...['taskId', 'organizationId', 'parentTaskId', 'title', 'status', 'assignee', 'description', 'cursor'],
  ...['idempotencyKey', 'completedAt', 'expectedUpdatedAt', '__proto__', 'constructor', 'id'],
]
const NASTY = [
  ...['', ' ', '\0', '\ud800', '\u202e', '\u{e0041}', "'", '"', "' OR 1=1 --", '%00', '../../etc/passwd'],
  ...['__proto__', 'constructor', 'toString', 'me', 'TODO', 'null', '2026-01-01T00:00:00Z', '9999-99-99'],
  ...['\r\nSet-Cookie: a=b', '{{7*7}}', '<script>alert(1)</script>', 'a'.repeat(700)],
]
const NUMBERS = [0, -0, -1, 1, 2, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 1e308, -1e308, 5e-324]

const text = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 40 }), fc.string())
const scalar = fc.oneof(text, fc.constantFrom(...NUMBERS), fc.integer(), fc.boolean(), fc.constant(null))
const json = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(text, scalar, { maxKeys: 4 }) },
)
const toolArguments = fc.dictionary(fc.constantFrom(...ARGUMENTS), json, { maxKeys: 5 })

const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
}
const method = fc.constantFrom(
  ...['tools/call', 'tools/call', 'tools/call', 'tools/list', 'server/discover', 'initialize', 'ping'],
  ...['notifications/initialized', 'notifications/cancelled', 'subscriptions/listen', 'resources/list'],
  ...['__proto__', 'constructor', 'toString', '', 'tools/call\n'],
)
const params = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      { name: fc.constantFrom(...TOOL_NAMES, 'toString', '__proto__'), arguments: toolArguments },
      { requiredKeys: ['name'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ protocolVersion: json, capabilities: json, clientInfo: json }) },
  { weight: 1, arbitrary: json },
)
const id = fc.oneof(fc.integer(), text, json)
const message = fc.record({
  jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, { weight: 1, arbitrary: json }),
  id,
  method,
  params,
})

/** Text with one thing done to it: cut, doubled, or a byte of it exchanged. */
const damaged = (whole: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(whole, fc.nat(), fc.nat(3), fc.string({ maxLength: 3 })).map(([good, at, how, other]) => {
    const place = good.length === 0 ? 0 : at % good.length
    if (how === 0) return good.slice(0, place)
    if (how === 1) return good + good
    if (how === 2) return good.slice(0, place) + other + good.slice(place + 1)
    return `[${good}]`
  })
const rarelyDamaged = (whole: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 5, arbitrary: whole }, { weight: 1, arbitrary: damaged(whole) })

const headerText = fc
  .oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 60 }))
  .map((value) => value.replace(/[^\x20-\x7e]/g, ''))
const oddHeaders = fc.dictionary(
  fc.constantFrom(
    ...['accept', 'content-type', 'content-encoding', 'origin', 'cookie', 'mcp-protocol-version', 'expect'],
    ...[
      'mcp-method',
      'mcp-name',
      'mcp-session-id',
      'last-event-id',
      'sec-fetch-site',
      'x-http-method-override',
    ],
    ...['authorization', 'range', 'if-none-match', 'x-forwarded-host', 'forwarded', 'referer', 'upgrade'],
  ),
  headerText,
  { maxKeys: 2 },
)
const fewOddHeaders = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: oddHeaders },
)

const modernHeaders = (body: { method: string; params: unknown }): Record<string, string> => {
  const { name } = Object(body.params)
  const plain = (value: string) => value.replace(/[^\x21-\x7e]/g, '')
  const named = typeof name === 'string' ? { 'mcp-name': plain(name) } : {}
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': plain(body.method), ...named }
}

const JSON_TYPE = { 'content-type': 'application/json' }

const mcpRequest: fc.Arbitrary<Request> = fc
  .tuple(message, fc.boolean(), fewOddHeaders)
  .chain(([body, modern, odd]) => {
    const { params } = body
    const isObject = params !== null && typeof params === 'object' && !Array.isArray(params)
    const enveloped = modern && isObject ? { ...body, params: { ...params, _meta: ENVELOPE } } : body
    const headers = { ...JSON_TYPE, ...(modern ? modernHeaders(body) : {}), ...odd }
    return rarelyDamaged(fc.constant(JSON.stringify(enveloped))).map((written) => ({
      method: 'POST',
      path: '/api/mcp',
      headers,
      body: written,
    }))
  })

const FORM_NAMES = [
  ...['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge', 'grant_type', 'code'],
  ...['code_challenge_method', 'code_verifier', 'refresh_token', 'resource', 'prompt', 'token', 'email'],
  ...['password', 'query', 'csrf', 'decision', 'token_type_hint', 'request', 'nonce', 'a[b][c]', '__proto__'],
]
const FORM_VALUES = [
  ...[
    'code',
    'S256',
    'authorization_code',
    'refresh_token',
    'client_credentials',
    'approve',
    'none',
    'login',
  ],
  ...['tasks:read', 'http://127.0.0.1:7777/callback', 'a'.repeat(43), 'zuko-mcp-admin'],
]
const form = fc
  .array(fc.tuple(fc.constantFrom(...FORM_NAMES), fc.oneof(fc.constantFrom(...FORM_VALUES), text)), {
    maxLength: 8,
  })
  .map((pairs) => new URLSearchParams(pairs).toString())

const path = fc
  .tuple(
    fc.constantFrom(...ROUTES, '/api/mcp'),
    fc.constantFrom('', '', '', '/', '/../', '//', '%2f', '%', '?'),
  )
  .map(([route, tail]) => route + tail)
const webBody = fc.oneof(
  form.map((body) => ({ type: 'application/x-www-form-urlencoded', body })),
  fc
    .dictionary(fc.constantFrom('redirect_uris', 'client_name', 'scope', 'grant_types'), json)
    .map((body) => ({
      type: 'application/json',
      body: JSON.stringify(body),
    })),
)

const webRequest: fc.Arbitrary<Request> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
    path,
    query: form,
    sent: webBody,
    odd: fewOddHeaders,
  })
  .map(({ method, path, query, sent, odd }) => {
    const withBody = method !== 'GET' && method !== 'HEAD'
    return {
      method,
      path: withBody ? path : `${path}?${query}`,
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(withBody ? { 'content-type': sent.type } : {}),
        ...odd,
      },
      body: withBody ? sent.body : '',
    }
  })

const anyRequest = fc.oneof({ weight: 3, arbitrary: mcpRequest }, { weight: 2, arbitrary: webRequest })

interface Answer {
  status: number
  type: string
  text: string
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JSON-RPC 2.0 section 5: a result or an error, with the version and an id. */
function isJsonRpc(value: unknown): boolean {
  if (!isObject(value) || value.jsonrpc !== '2.0' || !('id' in value)) return false
  if ('result' in value) return isObject(value.result) && !('error' in value)
  const { error } = value
  return isObject(error) && Number.isInteger(error.code) && typeof error.message === 'string'
}

const INSIDES =
  /\n {4}at |node_modules|SQLITE_|SqliteError|ZodError|drizzle|\/dist\/|\/src\/|better-auth\b.*Error/

/** What is wrong with an answer; undefined when it keeps every promise. 417 is node's own word on Expect. */
function broken(request: Request, { status, type, text }: Answer): string | undefined {
  if (status >= 500) return `status ${status}`
  if (INSIDES.test(text)) return 'shows our insides'
  if (request.method === 'HEAD' || [202, 204, 304, 417].includes(status))
    return text === '' ? undefined : 'a body'
  const body = type.includes('json') ? parsed(text) : undefined
  if (/^\/api\/mcp\/?(\?|$)/i.test(request.path)) return isJsonRpc(body) ? undefined : 'no JSON-RPC'
  if (type.includes('json')) {
    if (!isObject(body)) return 'no JSON object'
    return status < 400 || typeof body.error === 'string' ? undefined : 'no OAuth error'
  }
  return undefined
}

/** So many requests are made at a time: with more the server would wait for them. */
const AT_A_TIME = 50

/** The same requests for the same seed. */
function* generated(requests: number, seed: number): Generator<Request> {
  for (let start = 0; start < requests; start += AT_A_TIME)
    yield* fc.sample(anyRequest, { seed: seed + start, numRuns: Math.min(AT_A_TIME, requests - start) })
}

/** Sends generated requests, the same ones for the same seed. Never rejects for what a server does. */
export async function fuzz({
  requests,
  seed,
  baseUrl,
  tokens = async () => [],
  width = 32,
}: FuzzOptions): Promise<FuzzFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: width })
  const figures: FuzzFigures = { requests: 0, statuses: {}, crashes: 0, faults: [] }
  const note = (request: Request, what: string) => {
    if (figures.faults.length < 10) figures.faults.push(`${what}: ${JSON.stringify(request)}`)
  }
  const one = async (request: Request, index: number, tokens: readonly string[]) => {
    const address = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
    const token = tokens.length > 0 && index % 8 !== 0 ? tokens[index % tokens.length] : undefined
    const own = { 'x-forwarded-for': address, ...(token ? { authorization: `Bearer ${token}` } : {}) }
    const answer = await send(agent, baseUrl, { ...request, headers: { ...own, ...request.headers } })
    figures.requests++
    const status = answer?.status ?? 'none'
    figures.statuses[status] = (figures.statuses[status] ?? 0) + 1
    if (!answer || answer.status === 500) figures.crashes++
    const wrong = answer ? broken(request, answer) : 'no answer'
    if (wrong) note(request, wrong)
  }
  const source = generated(requests, seed)
  let given = await tokens()
  let next = 0
  const work = async () => {
    for (const request of source) {
      const index = next++
      if (index % 1000 === 999) given = await tokens()
      await one(request, index, given)
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  agent.destroy()
  return figures
}

/** One request over a kept connection; undefined when there came no answer. */
function send(agent: Agent, baseUrl: string, request: Request): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const { method, path, headers, body } = request
    const { hostname, port, host } = new URL(baseUrl)
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const outgoing = open({ agent, hostname, port, method, path, headers: { host, ...headers, ...length } })
    outgoing.setTimeout(20_000, () => outgoing.destroy())
    outgoing.on('error', () => resolve(undefined))
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', () => resolve(undefined))
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          type: incoming.headers['content-type'] ?? '',
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    outgoing.end(body)
  })
}
