import cluster from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Watching } from '../config.js'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { createCrew, type Running } from './crew.js'
import { errorFacts } from './error-facts.js'
import { listenForMetrics, type MetricsListener } from './metrics-listener.js'

export interface WorkersOptions {
  /** How many processes serve. */
  workers: number
  watching: Watching
  log: Log
  signal: AbortSignal
  /** Called once they serve. */
  serving(): void
}

/** What ends as soon as it starts is started again no more often than this, in each place. */
const REST_MS = 1000
/** So many starts that fail one after another are the end of it. */
const MOST_FAILURES = 5
/** Somewhat longer than a worker takes for what is under way. */
const DRAIN_MS = 15_000

const failing = (last: Error): ZukoError =>
  new ZukoError('FAILED', `Workers fail at their start again and again, at last with: ${last.message}`, {
    fix: 'see the log for each of them',
    cause: last,
  })

/** Keeps a place filled, by one worker after another, until `signal` aborts. */
export function createKeeper(begin: () => Running, log: Log, signal: AbortSignal) {
  let failures = 0
  const began = async ({ serving }: Running) => {
    try {
      await serving
      failures = 0
    } catch (error) {
      failures += 1
      if (failures === MOST_FAILURES) throw failing(error as Error)
    }
  }
  return async (first: Running): Promise<void> => {
    for (let one = first; ; one = begin()) {
      await began(one)
      const { failure, ...how } = await one.ended
      if (signal.aborted && failure) throw failure
      if (signal.aborted) return
      log.error({ worker: one.id, ...how, ...(failure && errorFacts(failure)) }, 'worker ended')
      const rest = Math.max(0, one.startedAt + REST_MS - performance.now())
      await sleep(rest, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
    }
  }
}

/**
 * Has `workers` processes serve on one port, and another in the place of each that ends, until `signal` aborts;
 * then all take what is under way to its end. What one process would keep in memory they share; it is kept here.
 * @throws ZukoError what one of the first failed at, or FAILED when one after another fails later on
 */
export async function runWorkers({
  workers,
  watching,
  log,
  serving,
  ...given
}: WorkersOptions): Promise<void> {
  cluster.schedulingPolicy = cluster.SCHED_RR
  const stopping = new AbortController()
  const signal = AbortSignal.any([given.signal, stopping.signal])
  const crew = createCrew(log, signal)
  const keep = createKeeper(crew.begin, log, signal)
  let late: NodeJS.Timeout | undefined
  let listener: MetricsListener | undefined
  signal.addEventListener('abort', () => {
    crew.stop()
    late = setTimeout(crew.kill, DRAIN_MS)
  })
  try {
    const all = Array.from({ length: workers }, crew.begin)
    await Promise.all(all.map((one) => one.serving)).catch((error: unknown) => {
      crew.kill()
      throw error
    })
    if (watching.prometheus)
      listener = await listenForMetrics({ ...watching.prometheus, text: crew.metrics, log })
    serving()
    await Promise.all(all.map(keep))
  } finally {
    stopping.abort()
    await crew.ended()
    clearTimeout(late)
    await listener?.close()
  }
}
