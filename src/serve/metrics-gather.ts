import { mergeMetrics } from './metrics-merge.js'

const PATIENCE_MS = 2_000

/** What one worker is asked for, and by which number it answers. */
export interface MetricsQuestions {
  ask(): Promise<string>
  hear(answer: { id: number; text: string }): void
}

/** A worker that does not answer in time, because it ends or hangs, counts as one that tells nothing. */
export function metricsQuestions(send: (id: number) => void): MetricsQuestions {
  const waiting = new Map<number, (text: string) => void>()
  let asked = 0
  return {
    ask: () =>
      new Promise((resolve) => {
        const id = ++asked
        const done = (text: string) => {
          clearTimeout(late)
          waiting.delete(id)
          resolve(text)
        }
        const late = setTimeout(done, PATIENCE_MS, '')
        waiting.set(id, done)
        send(id)
      }),
    hear: ({ id, text }) => waiting.get(id)?.(text),
  }
}

/** The numbers of all workers as one page. */
export async function gatherMetrics(
  workers: Iterable<{ id: number; metrics: MetricsQuestions }>,
): Promise<string> {
  const pages = [...workers].map(async ({ id, metrics }) => [id, await metrics.ask()] as const)
  return mergeMetrics(new Map(await Promise.all(pages)))
}
