import type { Allowance } from '../store/types.js'
import { Lru } from './lru.js'

/** Allowances by key, in this process or shared by several. */
export interface RateLimit {
  /** Takes one call of `key`'s allowance. Answers 0, or in how many whole seconds there is one again. */
  take(key: string | number): number | Promise<number>
  /** Puts back what a call took that turned out to be welcome. */
  giveBack(key: string | number): void | Promise<void>
}

/** Allowances in this process alone, which answer at once. */
export interface LocalRateLimit extends RateLimit {
  take(key: string | number): number
  giveBack(key: string | number): void
}

const MAX_KEYS = 10_000

/**
 * One token bucket per key: `perSecond` calls on average, `burst` at once. Whoever was not heard of for
 * longest is forgotten first and starts anew with a full bucket.
 */
export function createBuckets({ perSecond, burst }: Allowance, now: () => number) {
  const buckets = new Lru<string | number, { tokens: number; at: number }>(MAX_KEYS)
  return {
    /** Takes as many of `calls` as there are; where there is none, `waitMs` is when there is one. */
    take(key: string | number, calls: number): { granted: number; waitMs: number } {
      const at = now()
      const last = buckets.get(key) ?? { tokens: burst, at }
      const elapsed = Math.max(0, at - last.at) / 1000
      const tokens = Math.min(burst, last.tokens + elapsed * perSecond)
      const granted = Math.min(calls, Math.floor(tokens))
      buckets.set(key, { tokens: tokens - granted, at })
      return { granted, waitMs: granted > 0 ? 0 : ((1 - tokens) * 1000) / perSecond }
    },
    giveBack(key: string | number): void {
      const bucket = buckets.get(key)
      if (bucket) buckets.set(key, { ...bucket, tokens: Math.min(burst, bucket.tokens + 1) })
    },
  }
}

/** The limit of one process alone. */
export function createRateLimit(allowance: Allowance, now: () => number): LocalRateLimit {
  const { take, giveBack } = createBuckets(allowance, now)
  return { take: (key) => Math.ceil(take(key, 1).waitMs / 1000), giveBack }
}
