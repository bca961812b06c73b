import type { Config, ServeRole } from '../config.js'
import type { Log } from '../log.js'
import { greeting } from './greeting.js'
import { runServer } from './server.js'
import { settle } from './settings.js'

export interface ServeOptions {
  config: Config
  role?: ServeRole
  port?: number
  host?: string
  demo?: boolean
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
  const { port, host, log, version, signal, print } = options
  const settings = settle(options)
  const serving = () => greeting(settings).forEach(print)
  await runServer({ ...settings, port, host, log, version, signal, serving })
}
