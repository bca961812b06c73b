/** What others do to the process. */
import { wrongClocks } from '../faults/clock.js'
import { lyingKeyServer } from '../faults/keys.js'
import { killDuringWrites } from '../faults/kill.js'
import { heldByAnother } from '../faults/locked.js'
import { terminateUnderLoad } from '../faults/term.js'
import { atLeast, atMost, exactly, shown, whole } from './goals.js'
import type { Proof } from './proofs.js'

export const others: readonly Proof[] = [
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
    minutes: 3,
    async play() {
      const figures = await lyingKeyServer({ calls: 10, ways: 9 })
      return [
        exactly('ways', figures.ways, 9),
        exactly('503 while there are no keys yet', figures.startedBlind, 9),
        exactly('served as soon as there are', 9 - figures.neverHealed, 9),
        exactly('not asked for the unknown key', figures.neverAsked, 0),
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
]
