import { beforeEach, expect, test } from 'vitest'
import { createLimits } from '../../src/serve/limits.js'
import { createRateLimit, type RateLimit } from '../../src/serve/rate-limit.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import type { Allowance, AllowanceStore } from '../../src/store/types.js'
import { KINDS, onEvery } from '../helpers/databases.js'

/** So slow that no call comes back while a test runs. */
const SLOW = 1 / 3600

onEvery(
  KINDS.filter((kind) => kind !== 'sqlite'),
  (databases) => {
    let nodes: OpenStore[]
    beforeEach(async () => {
      nodes = [await databases.store(), await openStore(await databases.at())]
      return () => nodes[1]?.close()
    })

    const limitsOf = (allowance: Allowance, bucket = 'calls'): RateLimit[] =>
      nodes.map((node) => createLimits(node)(bucket, allowance))
    /** Takes so often in turns of the nodes, all at once; answers how often there was something. */
    const takeMany = async (limits: RateLimit[], times: number, key: string | number = 7) => {
      const taken = Array.from({ length: times }, (_, index) => limits[index % limits.length]?.take(key))
      return (await Promise.all(taken)).filter((seconds) => seconds === 0).length
    }

    test('all nodes together let through the burst, and nothing more', async () => {
      const limits = limitsOf({ perSecond: SLOW, burst: 60 })
      expect(await takeMany(limits, 200)).toBe(60)
      expect(await takeMany(limits, 20)).toBe(0)
    })

    test('one call after another makes the same', async () => {
      const limits = limitsOf({ perSecond: SLOW, burst: 30 })
      let allowed = 0
      for (let index = 0; index < 50; index += 1) allowed += await takeMany(limits.slice(index % 2), 1)
      expect(allowed).toBe(30)
    })

    test('calls come back at the rate', async () => {
      const startedAt = performance.now()
      const limits = limitsOf({ perSecond: 200, burst: 20 })
      let allowed = 0
      while (allowed < 60) allowed += await takeMany(limits, 40)
      expect(allowed).toBeLessThanOrEqual(20 + Math.ceil(((performance.now() - startedAt) / 1000) * 200) + 1)
    })

    test('a node that knows nothing yet is told how long there is no call', async () => {
      const [one, other] = limitsOf({ perSecond: SLOW, burst: 1 })
      expect(await one?.take('ada@example.com')).toBe(0)
      const wait = await other?.take('ada@example.com')
      expect(wait).toBeGreaterThan(3000)
      expect(wait).toBeLessThanOrEqual(3600)
    })

    test('keys and buckets have each their own', async () => {
      const allowance = { perSecond: SLOW, burst: 1 }
      const [one] = limitsOf(allowance)
      const [another] = limitsOf(allowance, 'sign-in')
      expect([await one?.take(1), await one?.take(2), await another?.take(1)]).toEqual([0, 0, 0])
      expect(await one?.take(1)).toBeGreaterThan(0)
    })

    test.each(['\0', '\ud800', 'x'.repeat(100_000), "' OR 1=1 --"])('any key is a key', async (key) => {
      const [one, other] = limitsOf({ perSecond: SLOW, burst: 1 })
      expect(await one?.take(key)).toBe(0)
      expect(await other?.take(key)).toBeGreaterThan(0)
    })

    test('what is given back at one node can be taken at another', async () => {
      const [one, other] = limitsOf({ perSecond: SLOW, burst: 1 })
      expect(await one?.take(1)).toBe(0)
      await one?.giveBack(1)
      expect(await other?.take(1)).toBe(0)
    })

    test('who makes many calls costs a question every few of them', async () => {
      const { allowances } = nodes[0] as OpenStore
      let asked = 0
      const counting: AllowanceStore = {
        ...(allowances as AllowanceStore),
        take(wanted) {
          asked += 1
          return (allowances as AllowanceStore).take(wanted)
        },
      }
      const limit = createLimits({ allowances: counting })('calls', { perSecond: SLOW, burst: 200 })
      expect(await takeMany([limit], 150)).toBe(150)
      expect(asked).toBeLessThanOrEqual(20)
    })

    test('while the store does not answer, a node keeps the limit alone', async () => {
      const [limit] = limitsOf({ perSecond: SLOW, burst: 2 })
      await nodes[0]?.close()
      expect(await takeMany([limit as RateLimit], 5)).toBe(2)
    })

    test('the sweep takes what is whole again, and nothing else', async () => {
      const limits = limitsOf({ perSecond: 1000, burst: 1 })
      const [slow] = limitsOf({ perSecond: SLOW, burst: 1 }, 'slow')
      await limits[0]?.take(1)
      await slow?.take(1)
      expect(await nodes[0]?.sweep(Date.now() + 3_590_000)).toBe(0)
      expect(await nodes[0]?.sweep(Date.now() + 3_660_000)).toBe(1)
      expect(
        await createLimits(nodes[1] as OpenStore)('slow', { perSecond: SLOW, burst: 1 }).take(1),
      ).not.toBe(0)
    })
  },
)

test('on SQLite each process keeps its own', async () => {
  const store = await openStore(':memory:')
  expect(store.allowances).toBeUndefined()
  const allowance = { perSecond: 1, burst: 1 }
  const limits = [createLimits(store, () => 0)('calls', allowance), createRateLimit(allowance, () => 0)]
  for (const limit of limits) expect([await limit.take(1), await limit.take(1)]).toEqual([0, 1])
  await store.close()
})
