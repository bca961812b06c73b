import type { Allowance, AllowanceStore } from '../store/types.js'
import { createRateLimit, type RateLimit } from './rate-limit.js'
import { createSharedRateLimit } from './shared-rate-limit.js'

/** Makes the rate limit of one bucket, by its name. */
export type Limits = (bucket: string, allowance: Allowance) => RateLimit

/** Limits that tell when one is used up. */
export const watchedLimits =
  (limits: Limits, limited: (bucket: string) => void): Limits =>
  (bucket, allowance) => {
    const { take, giveBack } = limits(bucket, allowance)
    return {
      giveBack,
      async take(key) {
        const seconds = await take(key)
        if (seconds > 0) limited(bucket)
        return seconds
      },
    }
  }

/** Limits that this process keeps itself. */
export const ownLimits =
  (now: () => number): Limits =>
  (_, allowance) =>
    createRateLimit(allowance, now)

/** Limits that all nodes of the store share, where it can have several. */
export function createLimits(
  { allowances }: { allowances: AllowanceStore | undefined },
  now: () => number = Date.now,
): Limits {
  if (!allowances) return ownLimits(now)
  return (bucket, allowance) => createSharedRateLimit({ allowances, bucket, allowance }, now)
}
