import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { type IMetricReader, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Exporting } from '../otel-variables.js'
import { createInstruments } from './instruments.js'
import { type Identity, SILENT, type Telemetry } from './telemetry.js'
import { createTraces } from './traces.js'

const NAME = 'zuko-mcp'
const { begin, watched } = SILENT
const SILENT_TRACES = { begin, watched }

/** What the numbers are about. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES, which the SDK reads, go first. */
const resourceOf = ({ version, worker }: Identity) =>
  defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': NAME,
        'service.version': version,
        ...(worker !== undefined && { 'service.instance.id': `${process.pid}` }),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }))

/** Traces and metrics through the SDK. One set of instruments, whoever reads it. */
export function createTelemetry(exporting: Exporting | undefined, identity: Identity): Telemetry {
  const json = exporting?.protocol === 'http/json'
  const resource = resourceOf(identity)
  const prometheus = new PrometheusExporter({ preventServerStart: true })
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true)
  const readers: IMetricReader[] = [prometheus]
  if (exporting?.metrics) {
    const exporter = json ? new JsonMetricExporter() : new OTLPMetricExporter()
    const times = { exportIntervalMillis: exporting.everyMs, exportTimeoutMillis: exporting.everyMs }
    readers.push(new PeriodicExportingMetricReader({ exporter, ...times }))
  }
  const meters = new MeterProvider({ resource, readers })
  const instruments = createInstruments(meters.getMeter(NAME, identity.version))
  const tracers = exporting?.traces
    ? new BasicTracerProvider({
        resource,
        spanProcessors: [new BatchSpanProcessor(json ? new JsonTraceExporter() : new OTLPTraceExporter())],
      })
    : undefined
  return {
    ...instruments,
    ...(tracers ? createTraces(tracers.getTracer(NAME, identity.version)) : SILENT_TRACES),
    async text() {
      const { resourceMetrics } = await prometheus.collect()
      return serializer.serialize(resourceMetrics)
    },
    async close() {
      await Promise.allSettled([tracers?.shutdown(), meters.shutdown()])
    },
  }
}
