/** What the standard variables of OpenTelemetry ask for. Endpoint, headers, sampler and the rest its SDK reads itself. */
export interface Exporting {
  traces: boolean
  metrics: boolean
  protocol: (typeof PROTOCOLS)[number]
  /** How often metrics are sent, in milliseconds. */
  everyMs: number
}

const PROTOCOLS = ['http/protobuf', 'http/json'] as const
const isProtocol = (text: string): text is Exporting['protocol'] =>
  (PROTOCOLS as readonly string[]).includes(text)

type Signal = 'TRACES' | 'METRICS'

/** Nothing is sent anywhere unless an endpoint is named: the SDK alone would send to this computer. */
function isSent(env: NodeJS.ProcessEnv, signal: Signal): boolean {
  const exporter = env[`OTEL_${signal}_EXPORTER`] || 'otlp'
  const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env.OTEL_EXPORTER_OTLP_ENDPOINT
  return Boolean(endpoint) && exporter === 'otlp' && env.OTEL_SDK_DISABLED !== 'true'
}

/** What is exported, undefined for nothing; or the problem of a variable. */
export function readExporting(env: NodeJS.ProcessEnv): { exporting?: Exporting; problem?: string } {
  const [traces, metrics] = [isSent(env, 'TRACES'), isSent(env, 'METRICS')]
  if (!traces && !metrics) return {}
  const protocol = env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf'
  const everyMs = Number(env.OTEL_METRIC_EXPORT_INTERVAL) || 60_000
  if (isProtocol(protocol)) return { exporting: { traces, metrics, protocol, everyMs } }
  return {
    problem: `OTEL_EXPORTER_OTLP_PROTOCOL must be one of ${PROTOCOLS.join(', ')}. Received "${protocol}".`,
  }
}
