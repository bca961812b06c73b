/** A site of many nodes on one database, simulated: what calls wait for, and how many are under way. */
import { type Customer, mostAtOnce, quantile, through, throughOneOf } from './queue.js'
import { alike, arrivals, numbers } from './random.js'

/** One kind of call: its part of all calls, what it costs, and how its times are spread. */
export interface Kind {
  part: number
  /** Whether it holds its organization's tasks until it is saved. */
  writes: boolean
  /** Seconds of one core. */
  nodes: number
  database: number
  spread: readonly number[]
}

export interface SiteModel {
  /** Calls per second. */
  rate: number
  nodes: number
  databaseCores: number
  organizations: number
  /** Seconds for which a write holds its organization. */
  hold: number
  kinds: readonly Kind[]
}

export interface Simulated {
  /** Milliseconds from a call's arrival at its node to its end, without the network. */
  p50: number
  p99: number
  /** The most calls under way at the same moment: no more connections can be in use. */
  atOnce: number
}

const CALLS = 100_000

/** Draws the kind of each call. */
function kindOf(kinds: readonly Kind[], at: number): Kind {
  let sum = 0
  for (const kind of kinds) {
    sum += kind.part
    if (at < sum) return kind
  }
  return kinds.at(-1) as Kind
}

/** Customers that come in the order in which they left the queue before, and which of all they are. */
function inOrder(times: readonly number[], service: (index: number) => number) {
  const order = times.map((_, index) => index).sort((a, b) => (times[a] as number) - (times[b] as number))
  return {
    order,
    customers: order.map((index): Customer => ({ at: times[index] as number, service: service(index) })),
  }
}

/** The results of a queue in the order of the calls. */
function backToCalls(order: readonly number[], leaves: readonly number[]): number[] {
  const times: number[] = Array(order.length)
  for (const [at, index] of order.entries()) times[index] = leaves[at] as number
  return times
}

/**
 * A call is served by its node (one core, calls in turn over the nodes), then by any core of the database; one that
 * writes then waits for its organization and holds it. A real call goes to and fro between node and database;
 * here each has its whole time at once, which makes waits longer rather than shorter.
 */
export function simulateSite({
  rate,
  nodes,
  databaseCores,
  organizations,
  hold,
  kinds,
}: SiteModel): Simulated {
  const random = numbers(20_260_115)
  const calls = arrivals(random, rate, CALLS).map((at) => {
    const kind = kindOf(kinds, random())
    const spread = alike(random, kind.spread, 1)()
    return {
      at,
      writes: kind.writes,
      nodes: kind.nodes * spread,
      database: kind.database * spread,
      organization: Math.floor(random() * organizations),
      hold: kind.writes ? hold * spread : 0,
    }
  })
  const atNodes = calls.map(({ at, nodes: service }) => ({ at, service }))
  const leftNodes = throughOneOf(atNodes, (index) => index % nodes)
  const second = inOrder(leftNodes, (index) => calls[index]?.database ?? 0)
  const leftDatabase = backToCalls(second.order, through(second.customers, databaseCores))
  const third = inOrder(leftDatabase, (index) => calls[index]?.hold ?? 0)
  const alone = (index: number) => -1 - index
  const ended = backToCalls(
    third.order,
    throughOneOf(third.customers, (at) => {
      const index = third.order[at] as number
      return calls[index]?.writes ? (calls[index]?.organization ?? 0) : alone(index)
    }),
  )
  const times = calls.map(({ at }, index) => ((ended[index] as number) - at) * 1000)
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    atOnce: mostAtOnce(
      calls.map(({ at }) => at),
      ended,
    ),
  }
}
