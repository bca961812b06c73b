import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** A span as OTLP's JSON has it (opentelemetry-proto trace.proto). */
export interface SentSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  status: { code: number }
  links?: { traceId: string }[]
  attributes: { key: string; value: { stringValue?: string } }[]
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of another project's protocol, read where they are asserted
type Body = any

/** An OpenTelemetry collector on loopback that keeps what it is sent, as JSON. */
export async function startCollector() {
  const bodies: { path: string; body: Body }[] = []
  const server = createServer(async (req, res) => {
    bodies.push({ path: req.url ?? '', body: await json(req) })
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const of = (path: string) => bodies.filter((one) => one.path === path).map(({ body }) => body)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    everything: () => JSON.stringify(bodies),
    spans: (): SentSpan[] =>
      of('/v1/traces').flatMap((body) =>
        body.resourceSpans.flatMap((resource: Body) =>
          resource.scopeSpans.flatMap((scope: Body) => scope.spans),
        ),
      ),
    metricNames: (): string[] =>
      of('/v1/metrics').flatMap((body) =>
        body.resourceMetrics.flatMap((resource: Body) =>
          resource.scopeMetrics.flatMap((scope: Body) => scope.metrics.map((one: Body) => one.name)),
        ),
      ),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
