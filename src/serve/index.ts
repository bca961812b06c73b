import cluster from 'node:cluster'
import type { Config, ServeRole } from '../config.js'
import type { Log } from '../log.js'
import { greeting } from './greeting.js'
import { settle } from './settings.js'
import { watchAlone } from './watch.js'

export interface ServeOptions {
  config: Config
  role?: ServeRole
  port?: number
  host?: string
  demo?: boolean
  /** How many processes serve; this one alone by default. */
  workers?: number
  log: Log
  version: string
  signal: AbortSignal
  /** A line for the person who started it. */
  print(line: string): void
}

/**
 * Serves until `signal` aborts, and what is under way then has ended.
 * @throws ZukoError CONFIGURATION or FAILED when it cannot start
 */
export async function runServe(options: ServeOptions): Promise<void> {
  const { workers = 1, port, host, log, version, signal, print } = options
  const settings = settle(options)
  const server = { ...settings, port, host, log, version, signal }
  const serving = () => greeting(settings).forEach(print)
  if (cluster.worker) return (await import('./worker.js')).runWorker(cluster.worker, server)
  if (workers > 1) {
    const { watching } = settings.config
    return (await import('./workers.js')).runWorkers({ workers, watching, log, signal, serving })
  }
  const watch = await watchAlone(server)
  try {
    await (await import('./server.js')).runServer({ ...server, telemetry: watch.telemetry, serving })
  } finally {
    await watch.close()
  }
}
