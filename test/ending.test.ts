import { describe, expect, test } from 'vitest'
import { endingOf } from '../src/ending.js'
import { type ErrorCode, ZukoError } from '../src/errors.js'

const error = new ZukoError('FAILED', 'The port 3001 is taken.', {
  fix: 'choose another with --port',
  cause: new Error('listen EADDRINUSE'),
})

describe('the end of a command', () => {
  test('says what is wrong and what would be right, in one line', () => {
    expect(endingOf(error, false)).toEqual({
      exitCode: 1,
      text: 'zuko-mcp: The port 3001 is taken. Fix: choose another with --port.\n',
    })
  })

  test.each<[ErrorCode, number]>([
    ['FAILED', 1],
    ['UNAVAILABLE', 1],
    ['NOT_FOUND', 1],
    ['USAGE', 2],
    ['CONFIGURATION', 78],
    ['INTERRUPTED', 130],
  ])('%s ends with %i', (code, exitCode) => {
    expect(endingOf(new ZukoError(code, 'Something.'), false)).toEqual({
      exitCode,
      text: 'zuko-mcp: Something.\n',
    })
  })

  test('lists every problem on its own line', () => {
    const wrong = new ZukoError('CONFIGURATION', 'The configuration is wrong.', {
      problems: ['A is.', 'B is.'],
    })
    expect(endingOf(wrong, false).text).toBe('zuko-mcp: The configuration is wrong.\n  A is.\n  B is.\n')
  })

  test('shows stacks, causes included, only when they are asked for', () => {
    expect(endingOf(error, false).text).not.toContain('EADDRINUSE')
    expect(endingOf(error, true).text).toMatch(
      /ZukoError: The port .*\n\s+at .*Caused by: Error: listen EADDRINUSE/s,
    )
  })

  test('gives one line for an error that nobody foresaw', () => {
    expect(endingOf(new TypeError('x is not a function\n  and more'), false)).toEqual({
      exitCode: 1,
      text: 'zuko-mcp: Unexpected error: x is not a function. Fix: run it again with LOG_LEVEL=debug to see where it comes from.\n',
    })
  })

  test('knows what to do with what is no error at all', () => {
    expect(endingOf('gone', true).text).toContain('Unexpected error: gone.')
  })
})
