/** The short forms. `npm run proof` plays each of them at length. */
import { describe, expect, test } from 'vitest'
import { wrongClocks } from './clock.js'
import { wrongConfigurations } from './configurations.js'
import { canMount, fullDisk } from './disk.js'
import { syncBeforeAnswer, tornLog } from './durable.js'
import { has } from './ground.js'
import { failingSyncs } from './io-error.js'
import { lyingKeyServer } from './keys.js'
import { killDuringWrites } from './kill.js'
import { heldByAnother } from './locked.js'
import { damagedStores, readOnly, runsForOthers } from './starts.js'
import { terminateUnderLoad } from './term.js'

const WHOLE = { lost: 0, doubled: 0, integrity: 'ok' }
const LONG = 60_000

describe('a process that ends', () => {
  test(
    'killed during writes: every acknowledged write is there once',
    async () => {
      const figures = await killDuringWrites({ kills: 1, writesEach: 40 })
      expect(figures).toMatchObject({ kills: 1, ...WHOLE, auditBroken: 0, exitCode: 0 })
      expect(figures.acknowledged).toBeGreaterThanOrEqual(40)
    },
    LONG,
  )

  test(
    'told to end under load: no half answer, nothing lost',
    async () => {
      const figures = await terminateUnderLoad({ rounds: 1 })
      expect(figures).toMatchObject({ halves: 0, unexpected: 0, wrongExits: 0, ...WHOLE })
    },
    LONG,
  )
})

describe('a disk', () => {
  test(
    'that loses power leaves what was written up to some moment',
    async () => {
      expect(await tornLog({ writes: 60, cuts: 40 })).toMatchObject({ cuts: 40, gaps: 0, damaged: 0 })
    },
    LONG,
  )

  test.skipIf(!has('strace'))(
    'has each write before it is acknowledged (needs strace)',
    async () => {
      const figures = await syncBeforeAnswer({ writes: 10 })
      expect(figures).toEqual({ acknowledged: 10, answers: 10, withoutSync: 0 })
    },
    LONG,
  )

  test.skipIf(!has('strace'))(
    'that fails acknowledges nothing (needs strace)',
    async () => {
      expect(await failingSyncs({ writes: 4 })).toEqual({
        ...{ before: 4, during: 0, reads: 200, after: 4, exitCode: 0 },
        ...WHOLE,
      })
    },
    LONG,
  )

  test.skipIf(!canMount())(
    'that is full refuses writes, serves reads, and recovers (needs root)',
    async () => {
      const figures = await fullDisk({ refusals: 3 })
      expect(figures).toMatchObject({
        unexpected: 0,
        withoutRetryAfter: 0,
        resumed: true,
        alive: true,
        ...WHOLE,
      })
      expect(figures.refused).toBeGreaterThanOrEqual(3)
      expect(figures.reads).toBeGreaterThan(0)
    },
    LONG,
  )

  test.skipIf(!runsForOthers())(
    'that may only be read is refused',
    async () => {
      expect(await readOnly()).toEqual({ ways: 3, started: 0, changed: 0, unclear: 0 })
    },
    LONG,
  )
})

test(
  'a damaged store, or one with the log of another, is refused and left as it is',
  async () => {
    expect(await damagedStores({ ways: 3 })).toEqual({ ways: 3, started: 0, changed: 0, unclear: 0 })
  },
  LONG,
)

test(
  'a store that another process holds: writes are put off, reads go on',
  async () => {
    const figures = await heldByAnother({ heldMs: 100 })
    expect(figures).toMatchObject({ withoutRetryAfter: 0, unexpected: 0, readsRefused: 0, works: true })
    expect(figures.refused).toBeGreaterThan(0)
  },
  LONG,
)

test(
  'a key server that is away, slow or lying: known keys stay good, others get nothing',
  async () => {
    const figures = await lyingKeyServer({ calls: 2, ways: 1 })
    expect(figures).toMatchObject({ ways: 1, startedBlind: 1, neverHealed: 0, neverAsked: 0 })
    expect(figures).toMatchObject({ knownRefused: 0, strangeAccepted: 0, failed: 0 })
  },
  LONG,
)

test(
  'a clock that is off by seconds is borne, one that is off by minutes is not',
  async () => {
    expect(await wrongClocks()).toEqual({
      ...{ tenMinutesBehind: 401, twentySecondsBehind: 200, twentySecondsAhead: 200 },
      ...{ sixteenMinutesAhead: 401, grows: true, auditBroken: 0, exitCode: 0 },
    })
  },
  LONG,
)

test(
  'wrong configurations are refused by name, and leave nothing behind',
  async () => {
    const figures = await wrongConfigurations({ every: 20 })
    expect(figures).toMatchObject({ wrongExit: 0, unnamed: 0, filesLeft: 0, takenPortExit: 1 })
  },
  LONG,
)
