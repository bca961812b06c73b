/** The short forms of what is too much. `npm run proof` plays each of them at length. */
import { describe, expect, test } from 'vitest'
import { heldConnections } from './connections.js'
import { has } from './ground.js'
import { noDescriptors, smallHeap } from './limits.js'
import { loopDelay } from './loop.js'
import { overload } from './overload.js'
import { soak } from './soak.js'

const WHOLE = { lost: 0, doubled: 0, integrity: 'ok' }
const LONG = 60_000
const linux = process.platform === 'linux'

describe.skipIf(!linux)('too much', () => {
  test(
    'of connections, idle or slow, keeps nobody out',
    async () => {
      const figures = await heldConnections({ count: 100 })
      expect(figures).toMatchObject({ failed: 0, slowLeft: 0, exitCode: 0 })
    },
    LONG,
  )

  test(
    'for a small heap is borne',
    async () => {
      const figures = await smallHeap({ writes: 100, heapMiB: 96 })
      expect(figures).toMatchObject({ acknowledged: 100, refused: 0, alive: true, ...WHOLE })
    },
    LONG,
  )

  test.skipIf(!has('prlimit'))(
    'of open files is waited out',
    async () => {
      const figures = await noDescriptors({ files: 64, connections: 100 })
      expect(figures).toMatchObject({ before: true, during: true, after: true, alive: true, exitCode: 0 })
    },
    LONG,
  )

  test(
    'to do: what is not served is turned away with a time to come back',
    async () => {
      const figures = await overload({ seconds: 1, times: 10, pinned: false })
      expect(figures).toMatchObject({ withoutRetryAfter: 0, other: 0, broken: 0, exitCode: 0 })
      expect(figures.shed).toBeGreaterThan(0)
      expect(figures.servedPerSecond).toBeGreaterThan(0)
    },
    LONG,
  )

  test(
    'of nothing, for some seconds: sign-ins and calls are served side by side',
    async () => {
      const figures = await loopDelay({ seconds: 1, signIns: 3 })
      expect(figures).toMatchObject({ callsRefused: 0, signInsFailed: 0 })
      expect(figures.signIns).toBeGreaterThan(0)
    },
    LONG,
  )

  test(
    'time: nothing is left open',
    async () => {
      const figures = await soak({ minutes: 0.05, rate: 30 })
      expect(figures).toMatchObject({ refused: 0, writesRefused: 0, filesGrowth: 0, exitCode: 0 })
    },
    LONG,
  )
})
