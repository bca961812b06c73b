import cluster, { type Worker } from 'node:cluster'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import type { Siblings } from '../store/open.js'
import { gatherMetrics, type MetricsQuestions, metricsQuestions } from './metrics-gather.js'
import { createSiblings } from './siblings.js'
import { attend } from './siblings-link.js'
import { errorOf, type FromWorker, type ToWorker } from './worker-messages.js'

/** How a worker ended, and what it said it failed at. */
export interface End {
  exitCode: number | null
  signal: string | null
  failure: Error | undefined
}

/** A worker, from its start to its end. */
export interface Running {
  id: number
  startedAt: number
  /** Rejects with what kept it from serving. */
  serving: Promise<void>
  /** Never rejects. */
  ended: Promise<End>
}

/** One that can be asked what it has counted. */
interface Counting extends Running {
  metrics: MetricsQuestions
}

export interface Crew {
  begin(): Running
  /** Tells all to take what is under way to its end. */
  stop(): void
  kill(): void
  /** What all have counted, as Prometheus reads it. */
  metrics(): Promise<string>
  /** Resolves when none is left. */
  ended(): Promise<unknown>
}

const tell = (worker: Worker, message: ToWorker) => void worker.send(message, () => {})

/** Hears a worker out. What it is asked for is done with what is shared. */
function follow(worker: Worker, siblings: Siblings): Counting {
  const metrics = metricsQuestions((id) => tell(worker, { say: 'metrics', id }))
  const attendance = attend(siblings, (message) => tell(worker, message))
  let failure: Error | undefined
  const ended = new Promise<End>((resolve) =>
    worker.once('exit', (exitCode, signal) => {
      attendance.gone()
      resolve({ exitCode, signal, failure })
    }),
  )
  const serving = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.say === 'serving') resolve()
      else if (message.say === 'failed') failure = errorOf(message.failure)
      else if (message.say === 'metrics') metrics.hear(message)
      else attendance.hear(message)
    })
    void ended.then(({ exitCode, signal }) =>
      reject(
        failure ?? new ZukoError('FAILED', `A worker ended with ${signal ?? exitCode} while it started.`),
      ),
    )
  })
  serving.catch(() => {})
  return { id: worker.id, startedAt: performance.now(), serving, ended, metrics }
}

/** Workers of this program, which share what is kept here. */
export function createCrew(log: Log, signal: AbortSignal): Crew {
  const siblings = createSiblings()
  const here = new Map<Worker, Counting>()
  return {
    begin() {
      const worker = cluster.fork()
      log.info({ worker: worker.id, pid: worker.process.pid }, 'worker started')
      const running = follow(worker, siblings)
      here.set(worker, running)
      void running.ended.then(() => here.delete(worker))
      // While it starts it hears nothing yet.
      void running.serving.then(() => signal.aborted && tell(worker, { say: 'stop' })).catch(() => {})
      return running
    },
    stop() {
      for (const worker of here.keys()) tell(worker, { say: 'stop' })
    },
    kill() {
      for (const worker of here.keys()) worker.process.kill('SIGKILL')
    },
    metrics: () => gatherMetrics(here.values()),
    ended: () => Promise.all([...here.values()].map(({ ended }) => ended)),
  }
}
