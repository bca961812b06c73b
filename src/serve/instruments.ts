import type { Attributes, Meter } from '@opentelemetry/api'
import { TOOLS } from '../tools/index.js'
import type { AccessEvent } from './access-log.js'
import type { Exchange } from './exchange.js'
import type { Gauges, Verification } from './telemetry.js'

/** Seconds: a call takes milliseconds here, which the boundaries that the conventions advise would not tell apart. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What a message asks for, as far as there is a word for it; a caller may write any other. */
const METHODS = new Set([
  ...['initialize', 'ping', 'server/discover', 'tools/list', 'tools/call'],
  ...['notifications/initialized', 'notifications/cancelled', 'subscriptions/listen'],
])
const TOOL_NAMES = new Set(TOOLS.map(({ name }) => name))

/** Outcomes of OAuth (RFC 6749 section 5.2 and its relatives) and of our own forms. */
const OUTCOMES = new Set([
  ...['ok', 'nothing', 'approved', 'denied', 'refused', 'disabled', 'slowed'],
  ...['invalid_request', 'invalid_client', 'invalid_grant', 'invalid_scope', 'invalid_target'],
  ...['unauthorized_client', 'unsupported_grant_type', 'access_denied', 'server_error'],
  ...['temporarily_unavailable', 'authorization_pending', 'slow_down', 'expired_token'],
])

const within = (words: ReadonlySet<string>, word: string): string => (words.has(word) ? word : '_OTHER')

/** What the conventions of MCP have an operation say of itself (OpenTelemetry GenAI, MCP), and how it ended here. */
export function operationAttributes({ method = '', tool }: Exchange, outcome: string): Attributes {
  const spoken = outcome !== 'ok' && tool !== undefined
  return {
    'mcp.method.name': within(METHODS, method),
    ...(tool !== undefined && { 'gen_ai.tool.name': within(TOOL_NAMES, tool) }),
    ...(outcome !== 'ok' && { 'error.type': spoken ? 'tool_error' : 'refused' }),
    'zuko.outcome': outcome,
  }
}

/** Every number that the server tells, each defined once. */
export function createInstruments(meter: Meter) {
  const operations = meter.createHistogram('mcp.server.operation.duration', {
    description: 'How long requests to the endpoint took, by tool and outcome',
    unit: 's',
    advice: { explicitBucketBoundaries: SECONDS },
  })
  const counter = (name: string, description: string) => meter.createCounter(name, { description })
  const verifications = counter('zuko.token.verifications', 'Bearer tokens checked, by outcome')
  const access = counter('zuko.access.events', 'Sign-ins, consents, tokens, revocations and registrations')
  const limited = counter('zuko.rate_limited', 'Requests told to come back later, by what they had used up')
  const shed = counter('zuko.shed', 'Requests turned away unread because too much waited')
  return {
    answered(exchange: Exchange, outcome: string): void {
      const seconds = (performance.now() - exchange.startedAt) / 1000
      operations.record(seconds, operationAttributes(exchange, outcome))
    },
    verified: (outcome: Verification): void => verifications.add(1, { 'zuko.outcome': outcome }),
    access: (event: AccessEvent['event'], outcome: string): void =>
      access.add(1, { 'zuko.event': event, 'zuko.outcome': within(OUTCOMES, outcome) }),
    limited: (bucket: string): void => limited.add(1, { 'zuko.bucket': bucket }),
    shed: (): void => shed.add(1),
    observe: (gauges: Gauges): void => observe(meter, gauges),
  }
}

/** Gauges cost nothing until somebody reads them. */
function observe(meter: Meter, { size, loopDelay }: Gauges): void {
  const gauge = (name: string, description: string, unit: string) =>
    meter.createObservableGauge(name, { description, unit })
  const store = gauge('zuko.store.size', 'Bytes of the database, and of its write-ahead log', 'By')
  const p99 = gauge('nodejs.eventloop.delay.p99', 'How late the event loop was, in 99 of 100 cases', 's')
  const max = gauge('nodejs.eventloop.delay.max', 'How late the event loop was at most', 's')
  const memory = gauge('process.memory.usage', 'Memory that the process holds', 'By')
  meter.addBatchObservableCallback(
    async (result) => {
      const [delay, sizes] = [loopDelay(), await size().catch(() => undefined)]
      result.observe(p99, delay.p99 / 1000)
      result.observe(max, delay.max / 1000)
      result.observe(memory, process.memoryUsage.rss())
      if (!sizes) return
      result.observe(store, sizes.bytes, { 'zuko.part': 'database' })
      result.observe(store, sizes.logBytes, { 'zuko.part': 'wal' })
    },
    [store, p99, max, memory],
  )
}
