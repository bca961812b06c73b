/** What queueing theory says exactly, to hold the simulation against. */

/** The chance that a customer waits before so many servers that are offered `load` (erlangs): Erlang C. */
export function erlangC(servers: number, load: number): number {
  let blocked = 1
  for (let n = 1; n <= servers; n += 1) blocked = (load * blocked) / (n + load * blocked)
  return (servers * blocked) / (servers - load * (1 - blocked))
}

/** Mean wait before M/M/c. */
export const meanWait = (servers: number, rate: number, service: number): number =>
  (erlangC(servers, rate * service) * service) / (servers - rate * service)

/** The part `q` of all customers of M/M/1 is gone within this time. */
export const timeInMM1 = (rate: number, service: number, q: number): number =>
  -Math.log(1 - q) / (1 / service - rate)

/** Mean wait before M/G/1 (Pollaczek and Khinchine); `square` is the mean square of the service times. */
export const meanWaitOfAny = (rate: number, service: number, square: number): number =>
  (rate * square) / (2 * (1 - rate * service))
