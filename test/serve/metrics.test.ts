import { createServer } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { ownLimits, watchedLimits } from '../../src/serve/limits.js'
import { gatherMetrics, metricsQuestions } from '../../src/serve/metrics-gather.js'
import { listenForMetrics, type MetricsListener } from '../../src/serve/metrics-listener.js'
import { mergeMetrics } from '../../src/serve/metrics-merge.js'
import { shedding } from '../../src/serve/overload.js'
import { SILENT, startTelemetry, type Telemetry } from '../../src/serve/telemetry.js'
import { rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'
import { send } from '../helpers/http.js'
import { clickThrough, logIn, newVerifier, register } from '../helpers/oauth.js'
import { PASSWORD, serveAll, twoPeople } from '../helpers/serve.js'
import { loadedBy, readSources } from '../helpers/sources.js'

const watching = { prometheus: { port: 1, token: undefined }, exporting: undefined }
const watched = (): Promise<Telemetry> => startTelemetry(watching, { version: '1.2.3' })
const log = createLog('silent' as 'info', { write: () => {} })

/** The value of the one line with this name and all of these labels. */
function value(page: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels).map(([label, text]) => `${label}="${text}"`)
  const lines = page
    .split('\n')
    .filter((line) => line.startsWith(name) && /^[{ ]/.test(line.slice(name.length)))
    .filter((line) => wanted.every((label) => line.includes(label)))
  return lines.length === 0 ? undefined : lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const COUNT = 'mcp_server_operation_duration_count'

describe('a server that nobody watches', () => {
  test('counts nothing', async () => {
    const silent = await startTelemetry({ prometheus: undefined, exporting: undefined }, { version: '1' })
    expect(silent).toBe(SILENT)
    expect(await silent.text()).toBe('')
  })

  test('loads no OpenTelemetry', () => {
    const sources = readSources()
    const loaded = [...loadedBy(['serve/index.ts', 'serve/server.ts', 'serve/worker.ts', 'cli.ts'], sources)]
    expect(loaded.some((target) => target === 'serve/telemetry.ts')).toBe(true)
    expect(loaded.filter((target) => target.startsWith('@opentelemetry'))).toEqual([])
  })
})

describe('what is counted', () => {
  let telemetry: Telemetry
  let at: TestEndpoint
  beforeAll(async () => {
    telemetry = await watched()
    const limits = watchedLimits(
      ownLimits(() => 0),
      telemetry.limited,
    )
    at = await startEndpoint({ telemetry, rateLimit: limits('calls', { perSecond: 1, burst: 4 }) })
    telemetry.observe({ size: at.store.size, loopDelay: () => ({ p99: 12, max: 34 }) })
  })
  afterAll(async () => {
    await at.close()
    await telemetry.close()
  })
  const call = (name: string, args: object, token?: string) =>
    at.ask(rpc('legacy', 'tools/call', { name, arguments: args }), token)

  test('each call by tool and outcome', async () => {
    await call('list_tasks', {})
    await call('get_task', { taskId: 77 })
    await call('get_task', {}, await at.token(at.grace, { scope: 'organizations:read' }))
    await call('create_task', { title: 'CANARY title', assignee: 'canary@example.com' })
    await call('list_tasks', {})
    expect((await call('list_tasks', {})).status).toBe(429)
    const page = await telemetry.text()
    const counted = (gen_ai_tool_name: string, zuko_outcome: string) =>
      value(page, COUNT, { mcp_method_name: 'tools/call', gen_ai_tool_name, zuko_outcome })
    expect(counted('list_tasks', 'ok')).toBe(2)
    expect(counted('get_task', 'NOT_FOUND')).toBe(1)
    expect(counted('get_task', 'INSUFFICIENT_SCOPE')).toBe(1)
    expect(counted('create_task', 'ok')).toBe(1)
    expect(counted('list_tasks', 'RATE_LIMITED')).toBe(1)
    expect(value(page, 'zuko_rate_limited_total', { zuko_bucket: 'calls' })).toBe(1)
  })

  test('each token by what became of it', async () => {
    await at.ask({ ...rpc('legacy', 'ping'), headers: {} }, 'CANARY.not.a-token')
    await send(at.port, rpc('legacy', 'ping'))
    const page = await telemetry.text()
    expect(value(page, 'zuko_token_verifications_total', { zuko_outcome: 'missing' })).toBe(1)
    expect(value(page, 'zuko_token_verifications_total', { zuko_outcome: 'refused' })).toBe(1)
    expect(value(page, 'zuko_token_verifications_total', { zuko_outcome: 'accepted' })).toBe(6)
  })

  test('what callers write is no label: no tool, method, person, organization, client or id', async () => {
    const everybody = at.ask(rpc('legacy', 'CANARY/method'))
    await Promise.all([everybody, call('CANARY_tool', {}), call('get_task', { CANARY: 1 })])
    const page = await telemetry.text()
    for (const word of ['CANARY', 'canary', 'Acme', 'Globex', 'Ada', 'example.com', 'client-1', at.resource])
      expect(page).not.toContain(word)
    expect(page).not.toMatch(/[\da-f]{8}-[\da-f]{4}-/)
    expect(value(page, COUNT, { mcp_method_name: '_OTHER' })).toBe(1)
    const labels = new Set([...page.matchAll(/([a-z_]+)="/g)].map(([, label]) => label))
    expect([...labels].filter((label) => !/^(service|telemetry)_/.test(String(label))).sort()).toEqual([
      ...['error_type', 'gen_ai_tool_name', 'le', 'mcp_method_name'],
      ...['zuko_bucket', 'zuko_outcome', 'zuko_part'],
    ])
  })

  test('how large the store is, and how late the event loop', async () => {
    const page = await telemetry.text()
    expect(value(page, 'nodejs_eventloop_delay_p99')).toBe(0.012)
    expect(value(page, 'nodejs_eventloop_delay_max')).toBe(0.034)
    expect(value(page, 'zuko_store_size', { zuko_part: 'database' })).toBeGreaterThan(4096)
    expect(value(page, 'zuko_store_size', { zuko_part: 'wal' })).toBeGreaterThanOrEqual(0)
  })

  test('what is turned away', async () => {
    const server = createServer(
      shedding((_req, res) => void res.end(), log, { sliceMs: 0, waiting: 0 }, telemetry.shed),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const statuses = await Promise.all(
      Array.from({ length: 6 }, () => send(port, { method: 'GET', path: '/' })),
    )
    const shed = statuses.filter(({ status }) => status === 503).length
    server.close()
    expect(shed).toBeGreaterThan(0)
    expect(value(await telemetry.text(), 'zuko_shed_total')).toBe(shed)
  })

  test('the page holds these metrics and no other', async () => {
    telemetry.access('sign-in', 'ok')
    const page = await telemetry.text()
    expect([...page.matchAll(/^# TYPE (.+)$/gm)].map(([, type]) => type).sort()).toMatchSnapshot()
  })
})

test('sign-ins, consents and tokens are counted by outcome', async () => {
  const telemetry = await watched()
  const served = await serveAll({ telemetry })
  await twoPeople(served)
  const clientId = await register(served.base)
  const ada = { base: served.base, clientId, email: 'ada@example.com', password: PASSWORD }
  await logIn(ada)
  await clickThrough({ ...ada, decision: 'deny' }, newVerifier())
  await clickThrough({ ...ada, password: 'CANARY wrong' }, newVerifier()).catch(() => {})
  const page = await telemetry.text()
  await served.close()
  await telemetry.close()
  const counted = (zuko_event: string, zuko_outcome: string) =>
    value(page, 'zuko_access_events_total', { zuko_event, zuko_outcome })
  expect(counted('registration', 'ok')).toBe(1)
  expect(counted('sign-in', 'ok')).toBe(2)
  expect(counted('sign-in', 'refused')).toBe(1)
  expect(counted('consent', 'approved')).toBe(1)
  expect(counted('consent', 'denied')).toBe(1)
  expect(counted('token', 'ok')).toBe(1)
  expect(page).not.toMatch(/CANARY|ada@/)
})

describe('the page of metrics', () => {
  const open: MetricsListener[] = []
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())))
  const listen = async (token?: string) => {
    const one = await listenForMetrics({ port: 0, token, text: async () => 'zuko 1\n', log })
    open.push(one)
    return (sent: object = {}) => send(one.port, { method: 'GET', path: '/metrics', ...sent })
  }

  test('is plain text that is not kept', async () => {
    const get = await listen()
    const { status, headers, text } = await get()
    expect([status, text, headers['cache-control']]).toEqual([200, 'zuko 1\n', 'no-store'])
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('without a token listens on this computer alone', async () => {
    await listen()
    const [one] = open
    await expect(fetch(`http://[::1]:${one?.port}/metrics`)).rejects.toThrow()
  })

  test.each([
    ['a name that was pointed here', { host: 'evil.example' }],
    ['a web page', { origin: 'https://evil.example' }],
  ])('without a token refuses %s', async (_who, headers) => {
    const get = await listen()
    expect((await get({ headers })).status).toBe(403)
  })

  test.each([
    ['none', {}],
    ['another', { authorization: 'Bearer another-token-of-16' }],
    ['the beginning of it', { authorization: 'Bearer a-token-of-the-te' }],
    ['one of another scheme', { authorization: 'Basic a-token-of-the-tests' }],
  ])('with a token refuses %s', async (_which, headers) => {
    const get = await listen('a-token-of-the-tests')
    const answer = await get({ headers })
    expect([answer.status, answer.text]).toEqual([401, ''])
  })

  test('with a token takes it', async () => {
    const get = await listen('a-token-of-the-tests')
    expect((await get({ headers: { authorization: 'Bearer a-token-of-the-tests' } })).status).toBe(200)
  })

  test.each([
    ['POST', '/metrics', 405],
    ['GET', '/', 404],
    ['GET', '/metrics/x', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const get = await listen()
    expect((await get({ method, path })).status).toBe(status)
  })

  test('a port that is taken is said', async () => {
    await listen()
    const port = open[0]?.port as number
    await expect(
      listenForMetrics({ port, token: undefined, text: async () => '', log }),
    ).rejects.toMatchObject({ code: 'FAILED', fix: expect.stringContaining('METRICS_PORT') })
  })
})

test('the numbers of several processes are one page, each line with its process', () => {
  const page = (count: number) =>
    `# HELP a About a\n# TYPE a counter\n# UNIT a s\na{b="c d"} ${count}\n\n# TYPE e gauge\ne 1\n`
  expect(
    mergeMetrics(
      new Map([
        [1, page(3)],
        [2, page(4)],
        [3, ''],
      ]),
    ),
  ).toBe(
    [
      ...[
        '# HELP a About a',
        '# TYPE a counter',
        '# UNIT a s',
        'a{worker="1",b="c d"} 3',
        'a{worker="2",b="c d"} 4',
        '',
      ],
      ...['# TYPE e gauge', 'e{worker="1"} 1', 'e{worker="2"} 1', ''],
    ].join('\n'),
  )
})

test('each worker is asked when somebody reads, and answers by the number of the question', async () => {
  const worker = (id: number) => {
    const metrics = metricsQuestions((question) =>
      queueMicrotask(() => {
        metrics.hear({ id: question + 100, text: '# TYPE other gauge\nother 1\n' })
        metrics.hear({ id: question, text: `# TYPE a gauge\na ${id * 10 + question}\n` })
      }),
    )
    return { id, metrics }
  }
  const workers = [worker(1), worker(2)]
  expect(await gatherMetrics(workers)).toBe('# TYPE a gauge\na{worker="1"} 11\na{worker="2"} 21\n')
  expect(await gatherMetrics(workers)).toContain('a{worker="1"} 12')
})
