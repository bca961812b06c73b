import { expect, test } from 'vitest'
import { isZukoError, ZukoError } from '../src/errors.js'

test('an error carries its code, its words and what would be right', () => {
  const cause = new Error('SQLITE_FULL')
  const error = new ZukoError('UNAVAILABLE', 'The disk is full.', { fix: 'free some space', cause })
  expect(error).toMatchObject({
    code: 'UNAVAILABLE',
    message: 'The disk is full.',
    fix: 'free some space',
    cause,
  })
  expect(error.problems).toEqual([])
  expect(String(error)).not.toContain('SQLITE_FULL')
})

test('an error without a cause has none', () => {
  expect('cause' in new ZukoError('FAILED', 'It failed.')).toBe(false)
})

test('our own errors are told from others, and one code from another', () => {
  const error = new ZukoError('NOT_FOUND', 'No task 7.')
  expect([isZukoError(error), isZukoError(error, 'NOT_FOUND'), isZukoError(error, 'CONFLICT')]).toEqual([
    true,
    true,
    false,
  ])
  expect(isZukoError(Object.assign(new Error('x'), { code: 'NOT_FOUND' }))).toBe(false)
})
