import { isZukoError } from '../errors.js'
import type { Allowance, AllowanceStore } from '../store/types.js'
import { Lru } from './lru.js'
import { createRateLimit, type RateLimit } from './rate-limit.js'

/** How long calls that were taken in advance may be used, and how long a refusal stands without asking again. */
const LEASE_MS = 1000
/** The most calls that are taken in advance, and which part of the burst they may be. */
const MOST_CALLS = 10
const PART_OF_BURST = 20
const MAX_KEYS = 10_000

/** Calls of one key that this process may let through without asking. */
interface Lease {
  left: number
  /** How many there were: a key that uses them all in time gets twice as many, any other one. */
  size: number
  until: number
  /** When there is a call again; in the past unless there was none. */
  freeAt: number
  renewing?: Promise<void> | undefined
}

interface Shared {
  allowances: AllowanceStore
  bucket: string
  allowance: Allowance
}

const unlessUnavailable =
  <Result>(instead: () => Result) =>
  (error: unknown): Result => {
    if (isZukoError(error, 'UNAVAILABLE')) return instead()
    throw error
  }

/**
 * One allowance per key for all nodes of a store, which is asked for a few calls in advance by whoever makes
 * many. What a node takes and does not use is lost, never used twice: together the nodes let through no more
 * than the allowance. While the store does not answer, each node keeps it alone.
 */
export function createSharedRateLimit(
  { allowances, bucket, allowance }: Shared,
  now: () => number,
): RateLimit {
  const leases = new Lru<string, Lease>(MAX_KEYS)
  const most = Math.min(Math.max(Math.floor(allowance.burst / PART_OF_BURST), 1), MOST_CALLS)
  const alone = createRateLimit(allowance, now)

  function leaseOf(key: string): Lease {
    const lease = leases.get(key) ?? { left: 0, size: 0, until: 0, freeAt: 0 }
    leases.set(key, lease)
    return lease
  }

  async function renew(key: string, lease: Lease): Promise<void> {
    const busy = lease.left === 0 && lease.until > now()
    const calls = busy ? Math.min(Math.max(lease.size * 2, 1), most) : 1
    const { granted, waitMs } = await allowances.take({ bucket, key, allowance, calls })
    const at = now()
    Object.assign(lease, { left: granted, size: granted, until: at + LEASE_MS, freeAt: at + waitMs })
  }

  /** What the lease answers; undefined when it has to be renewed. */
  function answer(lease: Lease): number | undefined {
    const at = now()
    if (lease.until <= at) return undefined
    if (lease.left === 0) return lease.freeAt > at ? Math.ceil((lease.freeAt - at) / 1000) : undefined
    lease.left -= 1
    return 0
  }

  async function take(key: string): Promise<number> {
    const lease = leaseOf(key)
    for (;;) {
      const seconds = answer(lease)
      if (seconds !== undefined) return seconds
      lease.renewing ??= renew(key, lease).finally(() => {
        lease.renewing = undefined
      })
      await lease.renewing
    }
  }

  return {
    take: (key) => take(String(key)).catch(unlessUnavailable(() => alone.take(key))),
    giveBack: (key) =>
      allowances
        .giveBack({ bucket, key: String(key), allowance })
        .catch(unlessUnavailable(() => alone.giveBack(key))),
  }
}
