import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../../src/config.js'
import { startTelemetry, type Telemetry } from '../../src/serve/telemetry.js'
import { startCollector } from '../helpers/collector.js'
import { rpc, startEndpoint, type TestEndpoint } from '../helpers/endpoint.js'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const PARENT = `00-${TRACE}-${SPAN}-01`
const OTHER = '1af7651916cd43dd8448eb211c80319c'

let collector: Awaited<ReturnType<typeof startCollector>>
let telemetry: Telemetry
let at: TestEndpoint
beforeEach(async () => {
  collector = await startCollector()
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  telemetry = await startTelemetry(readConfig(env).watching, { version: '1.2.3' })
  at = await startEndpoint({ telemetry })
})
afterEach(async () => {
  await at.close()
  await collector.close()
})
afterAll(() => vi.unstubAllEnvs())

const SERVER = 2
const CLIENT = 3
const call = async (meta: object, headers: Record<string, string> = {}, args: object = {}) => {
  const sent = rpc('legacy', 'tools/call', { name: 'get_task', arguments: args, _meta: meta })
  return at.ask({ ...sent, headers: { ...(sent.headers as object), ...headers } })
}
/** The span of the only call, after all is sent. */
async function spanOfCall() {
  await telemetry.close()
  const spans = collector.spans().filter(({ kind }) => kind === SERVER)
  expect(spans.map(({ name }) => name)).toEqual(['tools/call get_task'])
  return spans[0] as (typeof spans)[0]
}

describe('the span of a call', () => {
  test('goes on with the traceparent of the message, and links that of the request', async () => {
    await call({ traceparent: PARENT }, { traceparent: `00-${OTHER}-${SPAN}-01` })
    expect(await spanOfCall()).toMatchObject({
      traceId: TRACE,
      parentSpanId: SPAN,
      links: [{ traceId: OTHER }],
    })
  })

  test('else goes on with the traceparent of the request', async () => {
    await call({}, { traceparent: PARENT })
    expect(await spanOfCall()).toMatchObject({ traceId: TRACE, parentSpanId: SPAN })
  })

  test.each([
    `00-${TRACE}-${SPAN}`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}x-${SPAN}-01`,
    'CANARY',
    7,
    { toString: PARENT },
  ])('begins a trace of its own after %j', async (traceparent) => {
    const answer = await call({ traceparent })
    expect(answer.status).toBe(200)
    const span = await spanOfCall()
    expect(span.traceId).not.toBe(TRACE)
    expect(span.parentSpanId ?? '').toBe('')
  })

  test('says how the call ended, and under which request id', async () => {
    const { headers } = await call({}, {}, { taskId: 999 })
    const { attributes, status } = await spanOfCall()
    const said = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]))
    expect(said).toEqual({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'get_task',
      'mcp.method.name': 'tools/call',
      'network.transport': 'tcp',
      'error.type': 'tool_error',
      'zuko.outcome': 'NOT_FOUND',
      'zuko.request.id': headers['x-request-id'],
    })
    expect(status.code).toBe(2)
  })

  test('has the operations of the store below it', async () => {
    await call({}, {}, { taskId: 999 })
    const { traceId, spanId } = await spanOfCall()
    const below = collector.spans().filter(({ kind }) => kind === CLIENT)
    expect(below.map(({ name }) => name)).toEqual(['store tasks.get'])
    expect(below[0]).toMatchObject({ traceId, parentSpanId: spanId })
  })
})

test('the numbers go to the collector as well, and nothing that somebody wrote', async () => {
  const sent = {
    name: 'create_task',
    arguments: { title: 'CANARY', description: 'CANARY', assignee: 'CANARY' },
  }
  await at.ask(rpc('legacy', 'tools/call', sent))
  await telemetry.close()
  expect(collector.metricNames()).toContain('mcp.server.operation.duration')
  expect(collector.spans().map(({ name }) => name)).toContain('tools/call create_task')
  expect(collector.everything()).not.toMatch(/CANARY|ada@|client-1|Acme/)
})

describe('nothing is exported', () => {
  test.each([
    ['without an endpoint', {}],
    ['when the SDK is disabled', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4318', OTEL_SDK_DISABLED: 'true' }],
    [
      'when both exporters are none',
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4318',
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_METRICS_EXPORTER: 'none',
      },
    ],
  ])('%s', (_when, env) => {
    expect(readConfig(env).watching).toEqual({ prometheus: undefined, exporting: undefined })
  })
})

test('a protocol that is not built in is a wrong configuration', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }
  expect(() => readConfig(env)).toThrow(
    expect.objectContaining({
      problems: [expect.stringContaining('OTEL_EXPORTER_OTLP_PROTOCOL must be one of')],
    }),
  )
})
