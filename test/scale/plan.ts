/** From what was measured to what a site of many people needs. Every assumption is a constant of this file. */
import type { Bench, CallName, Cost, MeasuredCall } from './figures.js'
import { quantile, through } from './queue.js'
import { alike, arrivals, numbers } from './random.js'
import { type Kind, type Simulated, simulateSite } from './site.js'

/** What people do, as far as nobody knows better; who does, changes it here and runs `npm run scale`. */
export const HABITS = {
  callsPerPersonPerDay: 60,
  /** The part of a day's calls that falls into its busiest hour. */
  busiestHour: 0.2,
  parts: { list_tasks: 0.45, get_task: 0.35, create_task: 0.2 },
  /** The part of all writes that creates a task; the others change one, and cost about as much. */
  creations: 0.5,
  peoplePerOrganization: 25,
  /** An access token lives ten minutes; a client asks for the next when it has a call to make. */
  refreshesPerPersonPerDay: 12,
  changesPerTask: 3,
}

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
/** Nodes and cores are planned to be busy for no more than this part of the busiest hour. */
const MOST_BUSY = 0.6
/** The largest single database that the plan counts on. */
const LARGE_CORES = 64
const CONNECTIONS_PER_NODE = 14
const HIGHEST_ID = 2 ** 31 - 1
const NEVER_ONE = 2

const round = (value: number, digits = 2): number => Number(value.toPrecision(Math.max(digits, 1)))
const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const onPostgres = ({ sites }: Bench) => sites.filter(({ database }) => database === 'PostgreSQL')

/** One kind of call at all sites on PostgreSQL. */
const measuredOf = (bench: Bench, call: CallName): MeasuredCall[] =>
  onPostgres(bench).map(({ calls }) => calls[call])

/** What a call costs under load, the mean of all sites on PostgreSQL. */
const costOf = (bench: Bench, call: CallName, where: keyof Cost): number =>
  average(measuredOf(bench, call).map(({ full }) => full.cpuMs[where]))

const PARTS = Object.entries(HABITS.parts) as [CallName, number][]

/** What an average call costs. */
const mixOf = (bench: Bench, where: keyof Cost): number =>
  PARTS.reduce((sum, [call, part]) => sum + part * costOf(bench, call, where), 0)

/** Writes to one organization where the most were made in a second. */
const toOne = (bench: Bench): MeasuredCall =>
  measuredOf(bench, 'create_task in one organization').reduce((best, one) =>
    one.full.perSecond > best.full.perSecond ? one : best,
  )

/** For how long one write holds its organization, at most: all that were made in a second had it in turn. */
const holdMs = (bench: Bench): number => 1000 / toOne(bench).full.perSecond

const kindsOf = (bench: Bench): Kind[] =>
  PARTS.map(([call, part]) => ({
    part,
    writes: call === 'create_task',
    nodes: costOf(bench, call, 'nodes') / 1000,
    database: costOf(bench, call, 'database') / 1000,
    spread: measuredOf(bench, call)[0]?.alone.waits ?? [1],
  }))

const callsPerSecond = (people: number): number =>
  (people * HABITS.callsPerPersonPerDay * HABITS.busiestHour) / 3600

const enough = (busy: number): number => Math.max(NEVER_ONE, Math.ceil(busy / MOST_BUSY))
const shown = ({ p50, p99, atOnce }: Simulated) => ({ p50Ms: round(p50), p99Ms: round(p99), atOnce })

/** What so many people need, and what they wait for; with one node less as well. */
function sizeFor(bench: Bench, people: number) {
  const rate = callsPerSecond(people)
  const busy = (where: keyof Cost) => (rate * mixOf(bench, where)) / 1000
  const [nodes, databaseCores] = [enough(busy('nodes')), enough(busy('database'))]
  const organizations = Math.ceil(people / HABITS.peoplePerOrganization)
  const model = {
    rate,
    nodes,
    databaseCores,
    organizations,
    hold: holdMs(bench) / 1000,
    kinds: kindsOf(bench),
  }
  return {
    people,
    callsPerSecond: round(rate),
    nodes,
    databaseCores,
    balancerCores: round(busy('balancer')),
    connections: nodes * CONNECTIONS_PER_NODE,
    simulated: shown(simulateSite(model)),
    withOneNodeLess: shown(simulateSite({ ...model, nodes: nodes - 1 })),
  }
}

/** Writes to one organization, one after another, when it takes so much of what it can. */
function hotOrganization(bench: Bench) {
  const hold = holdMs(bench)
  const spread = toOne(bench).alone.waits
  const levels = [0.5, 0.8, 0.9, 0.95].map((full) => {
    const random = numbers(7)
    const service = alike(random, spread, hold)
    const writes = arrivals(random, full / hold, 200_000).map((at) => ({ at, service: service() }))
    const leaves = through(writes, 1)
    const waits = writes.map(({ at }, index) => (leaves[index] as number) - at)
    return {
      full,
      writesPerSecond: round((full * 1000) / hold, 3),
      p50Ms: round(quantile(waits, 0.5)),
      p99Ms: round(quantile(waits, 0.99)),
    }
  })
  return { writesPerSecond: round(1000 / hold, 3), levels }
}

/** In how many years the ids of a table are used up. */
function idsFor(people: number) {
  const writes = people * HABITS.callsPerPersonPerDay * HABITS.parts.create_task
  const years = (rowsPerDay: number) => round(HIGHEST_ID / rowsPerDay / 365)
  return {
    people,
    refreshTokens: years(people * HABITS.refreshesPerPersonPerDay),
    changes: years(writes),
    tasks: years(writes * HABITS.creations),
  }
}

/** Bytes of so many tasks with their owners and changes, and of their indexes. */
function storageFor({ storage }: Bench, tasks: number) {
  const { task, task_owner: owner, audit } = storage
  const perTask = task.bytesPerRow + owner.bytesPerRow + HABITS.changesPerTask * audit.bytesPerRow
  return { tasks, gigabytes: round((tasks * perTask) / 1e9), changes: tasks * HABITS.changesPerTask }
}

/** What one process on SQLite serves, by the calls that it made in a second; it waits for its disk itself. */
function onSqlite({ sites }: Bench) {
  const calls = sites.find(({ database }) => database === 'SQLite')?.calls
  const seconds = PARTS.reduce((sum, [call, part]) => sum + part / (calls?.[call].full.perSecond ?? 0), 0)
  const rate = MOST_BUSY / seconds
  return { callsPerSecond: round(rate), people: round(rate / callsPerSecond(1)) }
}

/** All that the pages say of what was not measured itself. */
export function planFrom(bench: Bench) {
  const perCore = (where: keyof Cost) => round(1000 / mixOf(bench, where), 3)
  const large = (LARGE_CORES * MOST_BUSY * 1000) / mixOf(bench, 'database')
  return {
    habits: HABITS,
    mostBusy: MOST_BUSY,
    callsPerSecondOfOneCore: {
      nodes: perCore('nodes'),
      database: perCore('database'),
      balancer: perCore('balancer'),
    },
    nodesPerDatabaseCore: round(mixOf(bench, 'nodes') / mixOf(bench, 'database')),
    sizes: SIZES.map((people) => sizeFor(bench, people)),
    hotOrganization: hotOrganization(bench),
    sqlite: onSqlite(bench),
    largeDatabase: {
      cores: LARGE_CORES,
      callsPerSecond: round(large),
      people: round(large / callsPerSecond(1)),
    },
    yearsOfIds: SIZES.map(idsFor),
    storage: [1_000_000, 100_000_000, 1_000_000_000].map((tasks) => storageFor(bench, tasks)),
  }
}

export type Plan = ReturnType<typeof planFrom>
