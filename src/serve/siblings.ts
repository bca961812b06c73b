import type { Siblings } from '../store/open.js'
import { createTurns } from '../store/turns.js'
import { createBuckets } from './rate-limit.js'

type Buckets = ReturnType<typeof createBuckets>

/** What workers hold together, as the one process has it that they all reach. */
export function createSiblings(now: () => number = Date.now): Siblings {
  const buckets = new Map<string, Buckets>()
  return {
    alone: createTurns(),
    allowances: {
      async take({ bucket, key, allowance, calls }) {
        const kept = buckets.get(bucket) ?? createBuckets(allowance, now)
        buckets.set(bucket, kept)
        return kept.take(key, calls)
      },
      giveBack: async ({ bucket, key }) => buckets.get(bucket)?.giveBack(key),
    },
  }
}
