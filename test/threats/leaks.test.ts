import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ZukoError } from '../../src/errors.js'
import type { Store } from '../../src/store/types.js'
import { TOOLS } from '../../src/tools/index.js'
import { rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import type { Sent } from '../helpers/http.js'
import { addPersonIn, startTarget, type Target } from '../helpers/target.js'

/** What a fault may hold, and no answer and no log line may show. */
const INSIDE = 'SELECT secret FROM person WHERE name = CANARY-VALUE -- /srv/zuko/store.db'
const SHOWN = /CANARY|SELECT|person WHERE|\/srv\/|\.db\b|\n {4}at |node_modules|\.ts:\d|\.js:\d|SQLITE|Error:/

const FAULTS: [string, unknown][] = [
  ['an error', new Error(INSIDE)],
  [
    'an error of the driver',
    Object.assign(new Error(INSIDE), { name: 'SqliteError', code: 'SQLITE_CORRUPT' }),
  ],
  ['an error with a cause', new Error(INSIDE, { cause: new Error(INSIDE) })],
  ['an error of ours that is not for a model', new ZukoError('FAILED', INSIDE, { fix: INSIDE })],
  ['an error of a command', new ZukoError('CONFIGURATION', INSIDE, { problems: [INSIDE] })],
  ['several errors', new AggregateError([new Error(INSIDE)], INSIDE)],
  ['a text', INSIDE],
  ['null', null],
  ['undefined', undefined],
  ['an object that pretends', { code: 'NOT_FOUND', message: INSIDE, fix: INSIDE }],
]

/** A store whose every method of every noun throws. */
function brokenStore(fault: unknown): Store {
  const fail = async () => {
    throw fault
  }
  const noun = new Proxy({}, { get: () => fail })
  return new Proxy({}, { get: () => noun }) as Store
}

const ARGS: Record<string, object> = {
  get_task: { taskId: 1 },
  create_task: { title: 'T', assignee: 'me', idempotencyKey: 'k' },
  update_task: { taskId: 1, title: 'a\\u{200B}', assignee: 'me' },
}

describe.each(FAULTS)('a store that throws %s', (_name, fault) => {
  let at: TestEndpoint
  beforeAll(async () => {
    at = await startEndpoint({ store: brokenStore(fault) })
  })
  afterAll(() => at.close())

  test.each(TOOLS.map(({ name }) => name))('%s tells a reference and nothing else', async (name) => {
    for (const era of ['legacy', 'modern'] as const) {
      const answer = await at.ask(rpc(era, 'tools/call', { name, arguments: ARGS[name] ?? {} }))
      const { isError, content } = answer.json().result
      expect(isError).toBe(true)
      expect(content[0].text).toMatch(/^INTERNAL: The call failed \(reference [0-9a-f-]{36}\)\. Fix: /)
      expect(content[0].text).toContain(answer.headers['x-request-id'])
      expect(answer.text).not.toMatch(SHOWN)
    }
  })

  test('is in the log by its kind, without the values of a query', () => {
    expect(at.logged()).toContain('"level":"error"')
    if (!(fault instanceof ZukoError)) expect(at.logged()).not.toMatch(/CANARY|SELECT/)
  })
})

describe('a store that is gone', () => {
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const get = (path: string): Sent => ({ method: 'GET', path })
  const ask: Sent = { headers: { ...json, authorization: 'Bearer e30.e30.AAAA' }, body: '{}' }
  const redirects = '{"redirect_uris":["http://127.0.0.1/callback"],"client_name":"C"}'
  const authorize =
    'response_type=code&client_id=x&redirect_uri=http://127.0.0.1/c&state=s&code_challenge=a&code_challenge_method=S256'
  const requests: [string, Sent][] = [
    ['the endpoint', ask],
    ['readiness', get('/readyz')],
    ['the keys', get('/auth/jwks')],
    ['the metadata', get('/.well-known/oauth-authorization-server/auth')],
    ['authorization', get(`/auth/oauth2/authorize?${authorize}`)],
    ['the sign-in page', get('/auth/sign-in?client_id=x')],
    ['the consent page', get('/auth/consent?client_id=x')],
    [
      'signing in',
      { path: '/auth/sign-in', headers: form, body: 'query=client_id%3Dx&email=a@b.c&password=CANARY' },
    ],
    ['registration', { path: '/auth/oauth2/register', headers: json, body: redirects }],
    [
      'a code',
      {
        path: '/auth/oauth2/token',
        headers: form,
        body: 'grant_type=authorization_code&code=CANARY&client_id=x',
      },
    ],
    [
      'a refresh token',
      { path: '/auth/oauth2/token', headers: form, body: 'grant_type=refresh_token&refresh_token=CANARY' },
    ],
    ['revocation', { path: '/auth/oauth2/revoke', headers: form, body: 'token=CANARY&client_id=x' }],
  ]
  let target: Target
  beforeAll(async () => {
    target = await startTarget()
    await target.store.close()
  })

  test.each(requests)('%s shows nothing of our insides', async (_name, sent) => {
    const answer = await target.ask(sent)
    expect(answer.text).not.toMatch(SHOWN)
    expect(answer.status).toBeGreaterThanOrEqual(200)
    expect(JSON.stringify(answer.headers)).not.toMatch(SHOWN)
  })

  test('is told by readiness', async () => {
    expect((await target.ask({ method: 'GET', path: '/healthz' })).status).toBe(200)
  })

  test('puts no secret into the log', () => expect(target.logged()).not.toContain('CANARY'))
})

describe('the log', () => {
  let target: Target
  afterEach(() => target.close())

  test('has one line of JSON for each event, whatever callers write, and none of their words', async () => {
    target = await startTarget()
    const { userId, organizationId } = await addPersonIn(target, 'Acme')
    const token = await target.tokenFor(userId)
    const inject = 'CANARY\n{"level":"fatal","msg":"CANARY"}\r\n\u001b[31mCANARY\u2028'
    const args = { title: inject, organizationId, description: { [inject]: inject }, assignee: inject }
    await target.call(token, 'create_task', { ...args, idempotencyKey: inject })
    await target.call(token, inject, { [inject]: inject }, inject)
    await target.call(token, 'list_tasks', { cursor: inject, status: inject })
    const flat = 'CANARY{"level":"fatal"}'
    const headers = {
      'user-agent': flat,
      'mcp-method': flat,
      'mcp-name': flat,
      'x-request-id': flat,
      cookie: flat,
    }
    const refused = await target.ask({ headers: { ...headers, authorization: `Bearer ${flat}` } })
    expect(refused.text + JSON.stringify(refused.headers)).not.toContain('CANARY')
    await target.ask({ method: 'GET', path: `/${encodeURIComponent(inject)}`, headers })
    const asked = '/auth/oauth2/authorize?state=CANARY&client_id=CANARY'
    expect((await target.ask({ method: 'GET', path: asked, headers })).text).not.toContain('CANARY')
    for (const path of ['token', 'revoke', 'register']) {
      const body = `client_secret=CANARY&code=CANARY&refresh_token=CANARY&token=CANARY&code_verifier=CANARY`
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await target.ask({
        path: `/auth/oauth2/${path}`,
        headers: { ...headers, ...type },
        body,
      })
      expect(answer.text).not.toContain('CANARY')
    }
    const lines = target.logged().trim().split('\n')
    expect(lines.length).toBeGreaterThan(8)
    for (const line of lines) expect(['debug', 'info', 'warn']).toContain(JSON.parse(line).level)
    // The path of a page is logged as it was sent, in the escapes of a URL.
    const others = lines.filter((line) => !line.includes('"path":"/CANARY%0A'))
    expect(others.length).toBe(lines.length - 1)
    expect(others.join('\n')).not.toContain('CANARY')
    expect(target.logged()).not.toContain(token.split('.')[2])
  })
})
