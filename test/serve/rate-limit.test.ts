import { expect, test } from 'vitest'
import { createRateLimit } from '../../src/serve/rate-limit.js'

const start = (perSecond: number, burst: number) => {
  const clock = { now: 0 }
  return { clock, limit: createRateLimit({ perSecond, burst }, () => clock.now) }
}

test('allows the burst at once, then the average', () => {
  const { clock, limit } = start(50, 200)
  const passed = () =>
    Array.from({ length: 500 }, () => limit.take(1)).filter((seconds) => seconds === 0).length
  expect(passed()).toBe(200)
  clock.now += 1000
  expect(passed()).toBe(50)
  clock.now += 60_000
  expect(passed()).toBe(200)
})

test('says in how many seconds there is a place again', () => {
  const { clock, limit } = start(0.1, 1)
  expect(limit.take(1)).toBe(0)
  expect(limit.take(1)).toBe(10)
  clock.now += 9000
  expect(limit.take(1)).toBe(1)
  clock.now += 1000
  expect(limit.take(1)).toBe(0)
})

test('keeps a bucket for each key', () => {
  const { limit } = start(1, 1)
  expect([limit.take(1), limit.take(2), limit.take(1)]).toEqual([0, 0, 1])
})

test('gives nothing for a clock that went back', () => {
  const { clock, limit } = start(1, 1)
  clock.now = 10_000
  limit.take(1)
  clock.now = 0
  expect(limit.take(1)).toBe(1)
})

test('forgets whoever was not heard of for longest, beyond 10,000', () => {
  const { limit } = start(1, 1)
  limit.take('first')
  for (let index = 0; index < 9999; index++) limit.take(index)
  expect(limit.take('first')).toBe(1)
  limit.take('another')
  expect([limit.take(0), limit.take('first')]).toEqual([0, 1])
})
