/** What is too much, or takes long. */
import { heldConnections } from '../faults/connections.js'
import { noDescriptors, smallHeap } from '../faults/limits.js'
import { loopDelay } from '../faults/loop.js'
import { overload } from '../faults/overload.js'
import { signInRate } from '../faults/sign-ins.js'
import { soak } from '../faults/soak.js'
import { atLeast, atMost, exactly, type Result, shown, whole } from './goals.js'
import type { Proof } from './proofs.js'

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

export const load: readonly Proof[] = [
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
        shown(
          'share of a core had then, and in the overload',
          `${figures.coreAtPeak} and ${figures.coreOverloaded}`,
        ),
        atLeast('asked in a second', figures.askedPerSecond, Math.floor(figures.peakPerSecond * 9.5)),
        shown('of them sent: the others wait as Retry-After told them', figures.answeredPerSecond),
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
    name: 'sign-ins',
    shows: 'eight people sign in without a pause, alone and beside a hundred calls a second',
    minutes: 3,
    async play() {
      const figures = await signInRate({ seconds: 15, browsers: 8 })
      return [
        atLeast('sign-ins a second', figures.perSecond, 15),
        shown('sign-ins a second beside calls', figures.perSecondBeside),
        exactly('sign-ins that failed', figures.signInsFailed, 0),
        exactly('calls not served', figures.callsRefused, 0),
        shown('99 % of calls alone within, ms', figures.aloneP99Ms),
        atMost('99 % of calls beside sign-ins within, ms', figures.besideP99Ms, 500),
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
]

export const soaks: readonly Proof[] = [
  { name: 'soak', shows: 'ten minutes of reads and writes', minutes: 15, play: () => soaked(10) },
  {
    name: 'soak-8h',
    shows: 'eight hours of reads and writes',
    minutes: 8 * 60 + 10,
    onlyByName: true,
    play: () => soaked(8 * 60),
  },
]
