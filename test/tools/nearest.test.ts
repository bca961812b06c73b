import { expect, test } from 'vitest'
import { nearest } from '../../src/tools/nearest.js'

test.each([
  ['adda@example.com', ['ada@example.com', 'grace@example.com'], 'ada@example.com'],
  ['acne', ['birch', 'acme'], 'acme'],
  ['TaskID', ['title', 'taskId'], 'taskId'],
  ['organisationId', ['organizationId', 'cursor'], 'organizationId'],
  ['id', ['taskId', 'id'], 'id'],
])('%s among %j is probably %s', (word, known, meant) => {
  expect(nearest(word, known)).toBe(meant)
})

test.each([
  ['something-else', ['acme', 'birch']],
  ['acme', []],
])('%s among %j is nothing known', (word, known) => {
  expect(nearest(word, known)).toBeUndefined()
})

test('a very long word costs no more than a long one', () => {
  expect(nearest('x'.repeat(1_000_000), ['acme'])).toBeUndefined()
})
