/** The long forms of `test/threats`. */
import { onGround } from '../faults/ground.js'
import { startTarget, type Target } from '../helpers/target.js'
import { timeAccounts } from '../threats/enumeration-attack.js'
import { fuzz } from '../threats/fuzz.js'
import { raceForConsent, raceForKey, raceForRate } from '../threats/once-attack.js'
import { raceForCode, raceForRefresh, raceRefreshWithRevocation } from '../threats/race-attack.js'
import { AT_ONCE } from '../threats/race-ground.js'
import { callTogether, compareTimes, playTenancy } from '../threats/tenancy.js'
import { atLeast, atMost, exactly, type Result, shown } from './goals.js'
import type { Proof } from './proofs.js'

const ROUNDS = 100
const REQUESTS = 1_000_000
const TOKEN_MS = 5 * 60_000

async function onTarget(work: (target: Target) => Promise<Result[]>): Promise<Result[]> {
  const target = await startTarget()
  try {
    return await work(target)
  } finally {
    await target.close()
  }
}

const fuzzed = () =>
  onGround(async (ground) => {
    const server = await ground.start({ env: { TRUST_PROXY: '1', LOG_LEVEL: 'warn' } })
    let [token, mintedAt] = [await ground.token(), Date.now()]
    const tokens = async () => {
      if (Date.now() - mintedAt > TOKEN_MS) [token, mintedAt] = [await ground.token(), Date.now()]
      return [token]
    }
    const figures = await fuzz({ requests: REQUESTS, seed: 20260722, baseUrl: ground.base, tokens })
    const errors = server.logged().match(/"level":"(error|fatal)"/g)?.length ?? 0
    for (const fault of figures.faults) console.error(fault)
    return [
      exactly('requests', figures.requests, REQUESTS),
      exactly('without an answer, or answered with 500', figures.crashes, 0),
      exactly('answers that broke a promise', figures.faults.length, 0),
      exactly('errors in the log', errors, 0),
      exactly('exit code', await server.stop(), 0),
    ]
  })

async function idTimes(target: Target): Promise<Result[]> {
  const figures = await compareTimes(target, { rounds: 400 })
  return figures.map(({ tool, field, foreign, never }) => {
    const apart = Math.abs(foreign - never) / Math.min(foreign, never)
    return atMost(`${tool} ${field}: medians apart, %`, Math.round(apart * 1000) / 10, 10)
  })
}

export const threats: readonly Proof[] = [
  {
    name: 'race-code',
    shows: `one authorization code, redeemed ${AT_ONCE} times at once at two processes, ${ROUNDS} times`,
    minutes: 15,
    async play() {
      const figures = await raceForCode({ rounds: ROUNDS })
      return [
        exactly('rounds', figures.rounds, ROUNDS),
        exactly('winners', figures.winners, ROUNDS),
        exactly('other answers', figures.otherAnswers, 0),
      ]
    },
  },
  {
    name: 'race-refresh',
    shows: `one refresh token, used ${AT_ONCE} times at once at two processes, ${ROUNDS} times`,
    minutes: 15,
    async play() {
      const figures = await raceForRefresh({ rounds: ROUNDS })
      return [
        exactly('rounds', figures.rounds, ROUNDS),
        exactly('children', figures.children, ROUNDS),
        exactly('children that live', figures.alive, ROUNDS),
        exactly('other answers', figures.otherAnswers, 0),
      ]
    },
  },
  {
    name: 'race-revocation',
    shows: `a login that is revoked while it is refreshed ${AT_ONCE} times at once, ${ROUNDS} times`,
    minutes: 15,
    async play() {
      const figures = await raceRefreshWithRevocation({ rounds: ROUNDS })
      return [
        exactly('revoked', figures.revoked, ROUNDS),
        exactly('tokens that survive', figures.survivors, 0),
        exactly('other answers', figures.otherAnswers, 0),
      ]
    },
  },
  {
    name: 'race-consent',
    shows: `one consent form, sent ${AT_ONCE} times at once to two processes, ${ROUNDS} times`,
    minutes: 15,
    async play() {
      const figures = await raceForConsent({ rounds: ROUNDS })
      return [
        exactly('rounds', figures.rounds, ROUNDS),
        exactly('codes', figures.codes, ROUNDS),
        exactly('other answers', figures.otherAnswers, 0),
      ]
    },
  },
  {
    name: 'race-key',
    shows: `one idempotency key, used ${AT_ONCE} times at once at two processes, ${ROUNDS} times`,
    minutes: 15,
    async play() {
      const figures = await raceForKey({ rounds: ROUNDS })
      return [
        exactly('rounds', figures.rounds, ROUNDS),
        exactly('tasks that calls were answered with', figures.tasks, ROUNDS),
        exactly('tasks stored', figures.stored, ROUNDS),
        shown('acknowledged, and put off with 503', `${figures.acknowledged} and ${figures.putOff}`),
        exactly('other answers', figures.otherAnswers, 0),
      ]
    },
  },
  {
    name: 'race-rate',
    shows: `a person with ten calls at once makes ${AT_ONCE}, ${ROUNDS} times`,
    minutes: 10,
    async play() {
      const figures = await raceForRate({ rounds: ROUNDS })
      return [
        exactly('rounds', figures.rounds, ROUNDS),
        shown('served', figures.served),
        exactly('rounds in which more were served than the allowance has', figures.tooMany, 0),
        exactly('rounds in which fewer were', figures.tooFew, 0),
        exactly('refused without Retry-After', figures.withoutRetryAfter, 0),
        exactly('other answers', figures.otherAnswers, 0),
      ]
    },
  },
  {
    name: 'tenancy',
    shows: 'random sequences of calls over organizations whose every text carries a canary',
    minutes: 30,
    play: () =>
      onTarget(async (target) => {
        const figures = await playTenancy(target, { sequences: 5000, seed: 15 })
        return [
          atLeast('sequences without a foreign canary', figures.sequences, 5000),
          shown('calls', figures.calls),
        ]
      }),
  },
  {
    name: 'same-ids',
    shows: '200 clients of 20 organizations, all with the same JSON-RPC id',
    minutes: 10,
    play: () =>
      onTarget(async (target) => {
        const figures = await callTogether(target, { clients: 200, organizations: 20, calls: 50_000 })
        return [exactly('calls', figures.calls, 50_000), exactly('wrong answers', figures.wrong, 0)]
      }),
  },
  {
    name: 'timing-ids',
    shows: 'the time to refuse a foreign id, and one that never was',
    minutes: 5,
    play: () => onTarget(idTimes),
  },
  {
    name: 'timing-accounts',
    shows: 'the time to refuse a wrong password, for accounts that exist and for others',
    minutes: 10,
    async play() {
      const { rounds, medianKnownMs, medianUnknownMs, p } = await timeAccounts({ rounds: 300 })
      return [
        exactly('guesses of each', rounds, 300),
        shown('medians, ms', `${medianKnownMs.toFixed(1)} and ${medianUnknownMs.toFixed(1)}`),
        atLeast('p that time tells nothing (Mann-Whitney)', Math.round(p * 1000) / 1000, 0.01),
      ]
    },
  },
  {
    name: 'fuzz',
    shows: 'generated requests to every route',
    minutes: 60,
    play: fuzzed,
  },
]
