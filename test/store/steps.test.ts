import { expect, test } from 'vitest'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { statement } from '../../src/store/statement.js'
import { inSteps, nextStep } from '../../src/store/steps.js'

test.each([
  ['grows by half after a short step', 200, 1, 300],
  ['shrinks to what fits after a long one', 1000, 80, 250],
  ['stays where it fits', 400, 20, 400],
  ['never stops', 10, 1000, 10],
])('a step %s', (_, rows, ms, next) => {
  expect(nextStep(rows, ms)).toBe(next)
})

test('a long change is many transactions, each whole, and ends with the first that is not full', async () => {
  const sqlite = await openFile(':memory:')
  sqlite.exec('CREATE TABLE number (value INTEGER)')
  const insert = statement<unknown, { value: number }>('INSERT INTO number VALUES (@value)')
  const sizes: number[] = []
  const changed = await inSteps(
    sqliteEngine(sqlite),
    function* (values: number[]) {
      for (const value of values) yield* insert.run({ value })
      sizes.push(values.length)
      return values.length
    },
    (rows, done) => Array.from({ length: Math.min(rows, 3000 - done) }, (_, index) => done + index),
  )
  expect(changed).toBe(3000)
  expect(sizes.length).toBeGreaterThan(3)
  expect(sqlite.prepare('SELECT count(DISTINCT value) FROM number').pluck().get()).toBe(3000)
  expect(sqlite.inTransaction).toBe(false)
  sqlite.close()
})
