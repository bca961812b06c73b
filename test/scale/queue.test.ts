import { describe, expect, test } from 'vitest'
import { erlangC, meanWait, meanWaitOfAny, timeInMM1 } from './formulas.js'
import { type Customer, mostAtOnce, quantile, through, throughOneOf } from './queue.js'
import { alike, arrivals, type Draw, exponential, numbers } from './random.js'

const COUNT = 400_000
const SERVICE = 0.002

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const customersOf = (random: Draw, rate: number, service: Draw): Customer[] =>
  arrivals(random, rate, COUNT).map((at) => ({ at, service: service() }))

const waitsOf = (customers: readonly Customer[], leaves: readonly number[]): number[] =>
  customers.map(({ at, service }, index) => (leaves[index] as number) - at - service)

/** Within so much of each other, the larger for queues that are nearly full. */
const expectNear = (value: number, exact: number, part: number) =>
  expect(Math.abs(value - exact) / exact, `${value} beside ${exact}`).toBeLessThan(part)

test('Erlang C gives the values of its published tables', () => {
  expect(erlangC(1, 0.5)).toBeCloseTo(0.5, 10)
  expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 10)
  expect(erlangC(10, 7)).toBeCloseTo(0.2217, 3)
})

describe('the simulation agrees with theory', () => {
  test.each([0.3, 0.6, 0.9])('one server, exponential service, %f full (M/M/1)', (full) => {
    const random = numbers(1)
    const rate = full / SERVICE
    const customers = customersOf(random, rate, exponential(random, SERVICE))
    const leaves = through(customers, 1)
    expectNear(mean(waitsOf(customers, leaves)), meanWait(1, rate, SERVICE), full > 0.8 ? 0.1 : 0.03)
    const times = customers.map(({ at }, index) => (leaves[index] as number) - at)
    expectNear(quantile(times, 0.99), timeInMM1(rate, SERVICE, 0.99), full > 0.8 ? 0.1 : 0.04)
  })

  test.each([
    [2, 0.6],
    [8, 0.8],
    [32, 0.9],
  ])('%i servers, %f full (M/M/c, Erlang C)', (servers, full) => {
    const random = numbers(2)
    const rate = (full * servers) / SERVICE
    const customers = customersOf(random, rate, exponential(random, SERVICE))
    const waits = waitsOf(customers, through(customers, servers))
    expectNear(mean(waits), meanWait(servers, rate, SERVICE), 0.08)
    expectNear(waits.filter((wait) => wait > 1e-12).length / COUNT, erlangC(servers, full * servers), 0.04)
  })

  test('any service times (M/G/1, Pollaczek and Khinchine)', () => {
    const random = numbers(3)
    const sample = [1, 1, 2, 3, 20]
    const scale = SERVICE / mean(sample)
    const square = mean(sample.map((value) => (value * scale) ** 2))
    const rate = 0.7 / SERVICE
    const customers = customersOf(random, rate, alike(random, sample, SERVICE))
    expectNear(mean(waitsOf(customers, through(customers, 1))), meanWaitOfAny(rate, SERVICE, square), 0.05)
  })

  test('so many at a time as Little says', () => {
    const random = numbers(4)
    const customers = arrivals(random, 100, 10_000).map((at) => ({ at, service: 1 }))
    const from = customers.map(({ at }) => at)
    const most = mostAtOnce(from, through(customers, 1_000))
    expect(most).toBeGreaterThan(100)
    expect(most).toBeLessThan(160)
  })
})

test('queues beside one another do not wait for one another', () => {
  const customers = [0, 0, 0].map((at) => ({ at, service: 1 }))
  expect(throughOneOf(customers, (index) => index % 2)).toEqual([1, 1, 2])
  expect(throughOneOf(customers, () => 0)).toEqual([1, 2, 3])
})

test('the same seed gives the same run', () => {
  const run = () => {
    const random = numbers(5)
    return through(customersOf(random, 100, exponential(random, SERVICE)).slice(0, 100), 2)
  }
  expect(run()).toEqual(run())
})
