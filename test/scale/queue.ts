/** A customer on the way: when it comes to a queue, and how long it is served there. */
export interface Customer {
  at: number
  service: number
}

/**
 * A queue before so many equal servers, first come first served: when each customer leaves. Customers come in the
 * order of their times. Without feedback each customer's way follows from those before it, so that no list of events
 * is needed.
 */
export function through(customers: readonly Customer[], servers: number): number[] {
  const freeAt: number[] = Array(servers).fill(0)
  return customers.map(({ at, service }) => {
    let first = 0
    for (let server = 1; server < servers; server += 1) {
      if ((freeAt[server] as number) < (freeAt[first] as number)) first = server
    }
    const leaves = Math.max(at, freeAt[first] as number) + service
    freeAt[first] = leaves
    return leaves
  })
}

/** The same for many queues beside one another, each with one server; `queueOf` says which a customer joins. */
export function throughOneOf(customers: readonly Customer[], queueOf: (index: number) => number): number[] {
  const freeAt = new Map<number, number>()
  return customers.map(({ at, service }, index) => {
    const queue = queueOf(index)
    const leaves = Math.max(at, freeAt.get(queue) ?? 0) + service
    freeAt.set(queue, leaves)
    return leaves
  })
}

/** The value below which the part `q` of all values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(Math.floor(sorted.length * q), sorted.length - 1)] ?? 0
}

/** The most customers at the same moment. */
export function mostAtOnce(from: readonly number[], to: readonly number[]): number {
  const [begins, ends] = [[...from].sort((a, b) => a - b), [...to].sort((a, b) => a - b)]
  let [most, ended] = [0, 0]
  for (const [begun, at] of begins.entries()) {
    while ((ends[ended] as number) <= at) ended += 1
    most = Math.max(most, begun + 1 - ended)
  }
  return most
}
