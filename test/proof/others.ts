/** What others do to the process. */
import { closeStdin, raceRenewals } from '../faults/bridge.js'
import { wrongClocks } from '../faults/clock.js'
import { lyingKeyServer } from '../faults/keys.js'
import { killDuringWrites, killWorkers } from '../faults/kill.js'
import { heldByAnother } from '../faults/locked.js'
import { killRenewals, killWriters } from '../faults/logins.js'
import { crashDatabase } from '../faults/postgres.js'
import { terminateUnderLoad } from '../faults/term.js'
import { atLeast, atMost, exactly, type Result, shown, whole } from './goals.js'
import type { Proof } from './proofs.js'

async function terminated(options: { rounds: number; args?: readonly string[] }): Promise<Result[]> {
  const figures = await terminateUnderLoad(options)
  return [
    exactly('rounds', figures.rounds, options.rounds),
    shown('answers', figures.answered),
    exactly('half answers', figures.halves, 0),
    exactly('unexpected answers', figures.unexpected, 0),
    exactly('exit codes other than 0', figures.wrongExits, 0),
    atMost('slowest end, ms', figures.exitMaxMs, 10_000),
    ...whole(figures),
  ]
}

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
    play: () => terminated({ rounds: 100 }),
  },
  {
    name: 'sigterm-workers',
    shows: 'SIGTERM under load to two workers, 25 times',
    minutes: 15,
    play: () => terminated({ rounds: 25, args: ['--workers', '2'] }),
  },
  {
    name: 'kill',
    shows: 'kill -9 during the writes of eight clients, three hundred times',
    minutes: 60,
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
  {
    name: 'kill-workers',
    shows: 'kill -9 of one of two workers during the writes of eight clients, a hundred times',
    minutes: 20,
    async play() {
      const figures = await killWorkers({ kills: 100, writesEach: 100 })
      return [
        exactly('kills', figures.kills, 100),
        atLeast('acknowledged writes', figures.acknowledged, 10_000),
        ...whole(figures),
        exactly('audits broken', figures.auditBroken, 0),
        exactly('their parent goes on', figures.alive, true),
        exactly('exit code in the end', figures.exitCode, 0),
      ]
    },
  },
  {
    name: 'postgres',
    shows:
      'PostgreSQL crashes under the writers of two nodes and comes back, fifty times (PostgreSQL, nginx)',
    minutes: 12,
    async play() {
      const figures = await crashDatabase({ rounds: 50, writesEach: 100 })
      return [
        exactly('crashes', figures.rounds, 50),
        atLeast('acknowledged writes', figures.acknowledged, 5000),
        exactly('acknowledged writes lost', figures.lost, 0),
        exactly('writes done twice', figures.doubled, 0),
        shown('put off with 503', figures.putOff),
        exactly('without Retry-After', figures.withoutRetryAfter, 0),
        exactly('other answers', figures.unexpected, 0),
        exactly('nodes that ended', figures.nodesEnded, 0),
        atMost('longest time without a write, ms', figures.longestGapMs, 5000),
      ]
    },
  },
  {
    name: 'race-renewal',
    shows: 'ten bridges with one login, whose access token ends under all of them; a hundred logins',
    minutes: 30,
    async play() {
      const figures = await raceRenewals({ processes: 10, rounds: 100 })
      return [
        exactly('calls served of 1,000', figures.served, 1000),
        exactly('renewals', figures.renewals, 100),
        exactly('rounds with another number than one', figures.roundsWithMore, 0),
        exactly('sign-ins that a person saw', figures.tabs, 100),
        exactly('exit codes other than 0', figures.wrongExits, 0),
      ]
    },
  },
  {
    name: 'stdin-closed',
    shows: 'a host that goes away while its bridge waits for a person to sign in, a hundred times',
    minutes: 20,
    async play() {
      const figures = await closeStdin({ cycles: 100 })
      return [
        exactly('hosts that went', figures.cycles, 100),
        exactly('exit codes other than 0', figures.wrongExits, 0),
        exactly('processes left', figures.processes, 0),
        exactly('ports left', figures.ports, 0),
        exactly('locks held', figures.locks, 0),
        shown('dead sockets, which whoever comes next removes', figures.deadSockets),
        atMost('slowest end, ms', figures.slowestMs, 2000),
      ]
    },
  },
  {
    name: 'logins-killed',
    shows: 'bridges killed while they keep a login (200 times) or renew one (100 times)',
    minutes: 10,
    async play() {
      const [written, renewed] = [await killWriters({ kills: 200 }), await killRenewals({ kills: 100 })]
      return [
        exactly('writers killed', written.kills, 200),
        exactly('times that a whole login was there afterwards', written.kept, 200),
        exactly('renewals killed', renewed.kills, 100),
        exactly('files that do not parse', written.unreadable + renewed.unreadable, 0),
        exactly('served afterwards', renewed.served, true),
        exactly('sign-ins that a person saw', renewed.tabs, 1),
        exactly('sockets left', renewed.sockets, 0),
      ]
    },
  },
]
