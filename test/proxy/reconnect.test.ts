import { describe, expect, test } from 'vitest'
import { type Attempt, createPatience } from '../../src/proxy/reconnect.js'
import { parseEvents } from '../../src/proxy/sse.js'

/** The pauses after attempts of these outcomes, each of which ended at once. */
function pausesAfter(...outcomes: Attempt[]): (number | undefined)[] {
  const patience = createPatience()
  return outcomes.map((outcome) => patience(outcome, 0))
}

describe('a stream that ends is taken up again', () => {
  test('after pauses that grow while it brings nothing, and then no more', () => {
    const pauses = pausesAfter(...Array.from({ length: 14 }, () => ({})))
    expect(pauses.slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
    expect(pauses.slice(-2)).toEqual([30_000, undefined])
  })

  test('soon where it brought something', () => {
    expect(pausesAfter({}, {}, { wasUseful: true }, {})).toEqual([1000, 2000, 1000, 2000])
  })

  test('soon where it lasted', () => {
    const patience = createPatience()
    expect([patience({}, 0), patience({}, 0), patience({}, 31_000)]).toEqual([1000, 2000, 1000])
  })

  test('after the pause that the server asks for, however often', () => {
    const pauses = pausesAfter(...Array.from({ length: 50 }, () => ({ retryMs: 45_000 })))
    expect(new Set(pauses)).toEqual(new Set([45_000]))
  })

  test('never without a pause, and in vain only a few times within a second', () => {
    const hasty = Array.from({ length: 8 }, () => ({ retryMs: 0 }))
    expect(pausesAfter(...hasty)).toEqual([100, 100, 100, 100, 100, 1000, 1000, 1000])
    expect(pausesAfter(...hasty, { retryMs: 0, wasUseful: true }).at(-1)).toBe(100)
  })
})

test('a pause that no timer can hold is an hour', () => {
  const parser = parseEvents(() => {}, 100)
  parser.push(Buffer.from('retry: 99999999999\n\n'))
  expect(parser.retryMs).toBe(3_600_000)
})
