import type { Worker } from 'node:cluster'
import { runServer, type ServerOptions } from './server.js'
import { linkThrough } from './siblings-link.js'
import { startTelemetry } from './telemetry.js'
import { type FromWorker, failureOf, type ToWorker } from './worker-messages.js'

/**
 * Serves as one of several processes, until it is told to stop. What keeps it from serving is said by the process
 * that started it. Never rejects.
 */
export async function runWorker(
  worker: Worker,
  options: Omit<ServerOptions, 'serving' | 'telemetry'>,
): Promise<void> {
  // A message that cannot be sent had a process at the other end that is gone; this one ends with it.
  const send = (message: FromWorker) => void worker.send(message, () => {})
  const stopping = new AbortController()
  const { siblings, hear } = linkThrough(send)
  const telemetry = await startTelemetry(options.config.watching, { ...options, worker: worker.id })
  worker.on('message', (message: ToWorker) => {
    if (message.say === 'stop') stopping.abort()
    else if (message.say === 'metrics') void telemetry.text().then((text) => send({ ...message, text }))
    else hear(message)
  })
  try {
    const signal = AbortSignal.any([options.signal, stopping.signal])
    const log = options.log.child({ worker: worker.id })
    await runServer({ ...options, signal, log, siblings, telemetry, serving: () => send({ say: 'serving' }) })
  } catch (error) {
    send({ say: 'failed', failure: failureOf(error) })
  } finally {
    await telemetry.close()
    worker.disconnect()
  }
}
