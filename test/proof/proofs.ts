/** What `npm run proof` plays, in this order: each at its full length, held against its goals. */
import { wrongClocks } from '../faults/clock.js'
import { wrongConfigurations } from '../faults/configurations.js'
import { heldConnections } from '../faults/connections.js'
import { fullDisk } from '../faults/disk.js'
import { syncBeforeAnswer, tornLog } from '../faults/durable.js'
import { failingSyncs } from '../faults/io-error.js'
import { lyingKeyServer } from '../faults/keys.js'
import { killDuringWrites } from '../faults/kill.js'
import { noDescriptors, smallHeap } from '../faults/limits.js'
import { heldByAnother } from '../faults/locked.js'
import { loopDelay } from '../faults/loop.js'
import { overload } from '../faults/overload.js'
import { soak } from '../faults/soak.js'
import { damagedStores, readOnly } from '../faults/starts.js'
import { terminateUnderLoad } from '../faults/term.js'
import { atLeast, atMost, exactly, type Result, shown, whole } from './goals.js'
import { threats } from './threats.js'

export interface Proof {
  name: string
  /** What it shows, in a sentence that begins small and has no full stop. */
  shows: string
  /** It is ended, and missed, when it takes longer. */
  minutes: number
  /** Played only when it is named. */
  onlyByName?: boolean
  play(): Promise<Result[]>
}

const refusals = (
  figures: { ways: number; started: number; changed: number; unclear: number },
  ways: number,
) => [
  exactly('ways', figures.ways, ways),
  exactly('started all the same', figures.started, 0),
  exactly('changed a byte of the store', figures.changed, 0),
  exactly('said in no clear line', figures.unclear, 0),
]

const soaked = async (minutes: number): Promise<Result[]> => {
  const figures = await soak({ minutes, rate: 100 })
  return [
    atLeast('calls served', figures.served + figures.writes, minutes * 60 * 100),
    exactly('calls not served', figures.refused + figures.writesRefused, 0),
    shown('memory at the end, MiB', figures.memoryMiB),
    // In ten minutes a slope is mostly noise; eight hours show what the goal is about.
    atMost(
      'memory growth in the second half, MiB per hour',
      figures.memoryGrowthMiBPerHour,
      minutes < 60 ? 120 : 1,
    ),
    exactly('open files more than at half-time', figures.filesGrowth, 0),
    atMost('largest log beside the store, MiB', figures.logMiB, 16),
  ]
}

export const PROOFS: readonly Proof[] = [
  {
    name: 'damaged',
    shows:
      'a store that is damaged, cut off, from a later version, or beside the log of another one, is refused',
    minutes: 2,
    play: async () => refusals(await damagedStores({ ways: 6 }), 6),
  },
  {
    name: 'read-only',
    shows: 'a store or a folder that may not be written is refused',
    minutes: 1,
    play: async () => refusals(await readOnly(), 3),
  },
  {
    name: 'configurations',
    shows: 'wrong configurations are refused by name, before anything is touched',
    minutes: 2,
    async play() {
      const figures = await wrongConfigurations({ every: 1 })
      return [
        atLeast('configurations', figures.configurations, 40),
        exactly('not ended with 78', figures.wrongExit, 0),
        exactly('without the name of a variable', figures.unnamed, 0),
        atMost('slowest, ms', figures.slowestMs, 2000),
        exactly('files left behind', figures.filesLeft, 0),
        exactly('exit code where the port is taken', figures.takenPortExit, 1),
      ]
    },
  },
  {
    name: 'sync',
    shows: 'every write is on the disk before it is acknowledged (strace)',
    minutes: 2,
    async play() {
      const figures = await syncBeforeAnswer({ writes: 500 })
      return [
        exactly('acknowledged', figures.acknowledged, 500),
        exactly('acknowledged without a sync', figures.withoutSync, 0),
      ]
    },
  },
  {
    name: 'torn-log',
    shows: 'a log cut off anywhere, as by a power cut, leaves what was written up to some moment',
    minutes: 5,
    async play() {
      const figures = await tornLog({ writes: 200, cuts: 1000 })
      return [
        exactly('cuts', figures.cuts, 1000),
        exactly('gaps in what is left', figures.gaps, 0),
        exactly('damaged', figures.damaged, 0),
        shown('fewest and most writes left', `${figures.fewest} and ${figures.most} of 200`),
      ]
    },
  },
  {
    name: 'failing-disk',
    shows: 'a disk that fails every sync gets nothing acknowledged, and all goes on when it heals (strace)',
    minutes: 2,
    async play() {
      const figures = await failingSyncs({ writes: 50 })
      return [
        exactly('acknowledged before', figures.before, 50),
        exactly('acknowledged while it fails', figures.during, 0),
        exactly('status of a read while it fails', figures.reads, 200),
        exactly('acknowledged after', figures.after, 50),
        ...whole(figures),
      ]
    },
  },
  {
    name: 'full-disk',
    shows: 'a full disk refuses writes, serves reads, and recovers without a restart (root)',
    minutes: 2,
    async play() {
      const figures = await fullDisk({ refusals: 100 })
      return [
        atLeast('writes refused with 503', figures.refused, 100),
        exactly('without Retry-After', figures.withoutRetryAfter, 0),
        exactly('other answers', figures.unexpected, 0),
        atLeast('reads served meanwhile', figures.reads, 100),
        atMost('ms from free space to the next write', figures.resumedAfterMs, 2000),
        exactly('still the same process', figures.alive, true),
        ...whole(figures),
      ]
    },
  },
  {
    name: 'locked',
    shows: 'while another process holds the store for ten seconds, eight writers are put off and reads go on',
    minutes: 2,
    async play() {
      const figures = await heldByAnother({ heldMs: 10_000 })
      return [
        atLeast('writes put off with 503', figures.refused, 8),
        exactly('without Retry-After', figures.withoutRetryAfter, 0),
        exactly('other answers', figures.unexpected, 0),
        exactly('reads not served', figures.readsRefused, 0),
        atMost('reads: 99 % within, ms', figures.readP99Ms, 100),
        atMost('event loop late by, ms', figures.loopDelayMaxMs, 100),
        exactly('writes work afterwards', figures.works, true),
      ]
    },
  },
  {
    name: 'key-server',
    shows: 'a key server that is away, slow or lying in nine ways: known keys stay good, others get nothing',
    minutes: 2,
    async play() {
      const figures = await lyingKeyServer({ calls: 50 })
      return [
        exactly('ways', figures.ways, 9),
        exactly('known keys refused', figures.knownRefused, 0),
        exactly('unknown keys accepted', figures.strangeAccepted, 0),
        exactly('answers that are neither 401, 429 nor 503', figures.failed, 0),
        atMost('slowest answer, ms', figures.slowestMs, 4000),
      ]
    },
  },
  {
    name: 'clocks',
    shows: 'clocks that differ by seconds are borne, by minutes not; a jump back keeps the order of changes',
    minutes: 2,
    async play() {
      const figures = (await wrongClocks()) as Record<string, unknown>
      return [
        exactly('status, server 10 min behind', figures.tenMinutesBehind, 401),
        exactly('status, server 20 s behind', figures.twentySecondsBehind, 200),
        exactly('status, server 20 s ahead', figures.twentySecondsAhead, 200),
        exactly('status, server 16 min ahead', figures.sixteenMinutesAhead, 401),
        exactly('`updatedAt` grows over a jump of an hour back', figures.grows, true),
        exactly('audits broken', figures.auditBroken, 0),
      ]
    },
  },
  {
    name: 'connections',
    shows: 'a thousand idle connections, then a thousand that send their headers byte by byte',
    minutes: 3,
    async play() {
      const figures = await heldConnections({ count: 1000 })
      return [
        exactly('calls not served beside them', figures.failed, 0),
        shown('99 % of calls alone within, ms', figures.aloneP99Ms),
        atMost('beside idle ones, ms', figures.besideIdleP99Ms, 500),
        atMost('beside slow ones, ms', figures.besideSlowP99Ms, 500),
        atMost('memory for idle ones, MiB', figures.memoryGrowthMiB, 50),
        exactly('slow ones left', figures.slowLeft, 0),
        atMost('slow ones gone after, ms', figures.slowGoneMs, 20_000),
      ]
    },
  },
  {
    name: 'overload',
    shows: 'ten times as many calls as can be served',
    minutes: 3,
    async play() {
      const figures = await overload({ seconds: 10, times: 10, pinned: true })
      return [
        shown('most served in a second', figures.peakPerSecond),
        atLeast('asked in a second', figures.askedPerSecond, Math.floor(figures.peakPerSecond * 9.5)),
        atLeast('share of the most that is still served', figures.goodput, 0.8),
        atMost('turned away: 99 % within, ms', figures.shedP99Ms, 100),
        exactly('turned away without Retry-After', figures.withoutRetryAfter, 0),
        atMost('served: 99 % within, ms', figures.servedP99Ms, 1000),
        exactly('other answers', figures.other + figures.broken, 0),
        atMost('as ever after, ms', figures.recoveryMs, 5000),
        atMost('memory growth, MiB', figures.memoryGrowthMiB, 100),
      ]
    },
  },
  {
    name: 'event-loop',
    shows: 'a hundred calls a second while people sign in without a pause',
    minutes: 2,
    async play() {
      const figures = await loopDelay({ seconds: 15, signIns: 4 })
      return [
        exactly('calls not served', figures.callsRefused, 0),
        exactly('sign-ins that failed', figures.signInsFailed, 0),
        atLeast('sign-ins', figures.signIns, 100),
        shown('99 % of calls within, ms', figures.callP99Ms),
        atMost('event loop late by, 99 %, ms', figures.loopDelayP99Ms, 20),
        atMost('event loop late by at most, ms', figures.loopDelayMaxMs, 100),
      ]
    },
  },
  {
    name: 'small-heap',
    shows: 'large tasks, 64 at once, in a heap of 96 MiB',
    minutes: 3,
    async play() {
      const figures = await smallHeap({ writes: 3000, heapMiB: 96 })
      return [
        exactly('acknowledged', figures.acknowledged, 3000),
        exactly('still the same process', figures.alive, true),
        shown('most memory, MiB', figures.memoryMaxMiB),
        ...whole(figures),
      ]
    },
  },
  {
    name: 'open-files',
    shows: 'all 64 file descriptors are taken by 1,000 connections',
    minutes: 2,
    async play() {
      const figures = await noDescriptors({ files: 64, connections: 1000 })
      return [
        exactly('a connection that was there is served', figures.during, true),
        exactly('a new one is served afterwards', figures.after, true),
        atMost('share of a core used meanwhile', figures.busyShare, 0.5),
        exactly('still the same process', figures.alive, true),
      ]
    },
  },
  {
    name: 'sigterm',
    shows: 'SIGTERM under load, a hundred times',
    minutes: 15,
    async play() {
      const figures = await terminateUnderLoad({ rounds: 100 })
      return [
        exactly('rounds', figures.rounds, 100),
        shown('answers', figures.answered),
        exactly('half answers', figures.halves, 0),
        exactly('unexpected answers', figures.unexpected, 0),
        exactly('exit codes other than 0', figures.wrongExits, 0),
        atMost('slowest end, ms', figures.exitMaxMs, 10_000),
        ...whole(figures),
      ]
    },
  },
  {
    name: 'kill',
    shows: 'kill -9 during the writes of eight clients, three hundred times',
    minutes: 30,
    async play() {
      const figures = await killDuringWrites({ kills: 300, writesEach: 335 })
      return [
        exactly('kills', figures.kills, 300),
        atLeast('acknowledged writes', figures.acknowledged, 100_000),
        ...whole(figures),
        exactly('audits broken', figures.auditBroken, 0),
        shown('ready again, half within, ms', figures.restartMedianMs),
        atMost('ready again at most, ms', figures.restartMaxMs, 5000),
      ]
    },
  },
  ...threats,
  { name: 'soak', shows: 'ten minutes of reads and writes', minutes: 15, play: () => soaked(10) },
  {
    name: 'soak-8h',
    shows: 'eight hours of reads and writes',
    minutes: 8 * 60 + 10,
    onlyByName: true,
    play: () => soaked(8 * 60),
  },
]
