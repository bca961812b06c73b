import type { Config } from '../config.js'
import type { Log } from '../log.js'
import { listenForMetrics } from './metrics-listener.js'
import { startTelemetry, type Telemetry } from './telemetry.js'

export interface Watch {
  telemetry: Telemetry
  close(): Promise<void>
}

/**
 * Whoever watches a process that serves alone: the page that Prometheus reads, and what is sent to a collector.
 * @throws ZukoError FAILED when the port of the page cannot be listened on
 */
export async function watchAlone({
  config,
  version,
  log,
}: {
  config: Pick<Config, 'watching'>
  version: string
  log: Log
}): Promise<Watch> {
  const { prometheus } = config.watching
  const telemetry = await startTelemetry(config.watching, { version })
  const listener = prometheus && (await listenForMetrics({ ...prometheus, text: telemetry.text, log }))
  return {
    telemetry,
    async close() {
      await listener?.close()
      await telemetry.close()
    },
  }
}
