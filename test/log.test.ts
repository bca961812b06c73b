import { describe, expect, test } from 'vitest'
import { createLog, type LogLevel } from '../src/log.js'

/** A log and the lines that it wrote, as they stand and as JSON. */
function recording(level: LogLevel = 'info') {
  const lines: string[] = []
  const log = createLog(level, { write: (line) => void lines.push(line) })
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') }
}

describe('the log', () => {
  test('writes one line of JSON per event', () => {
    const { log, lines, last } = recording()
    log.info({ tool: 'list_tasks', outcome: 'ok' }, 'call')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(last()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      tool: 'list_tasks',
      outcome: 'ok',
      msg: 'call',
    })
  })

  test('keeps a line one line, whatever a value holds', () => {
    const { log, lines } = recording()
    log.info({ tool: 'a\n{"level":"error"}' }, 'two\nlines')
    expect(lines.join('').match(/\n/g)).toHaveLength(1)
  })

  test.each([
    'authorization',
    'cookie',
    'set-cookie',
    'password',
    'secret',
    'token',
    'access_token',
    'refresh_token',
    'code',
    'code_verifier',
    'client_secret',
  ])('never writes the value of %s', (name) => {
    const { log, lines } = recording()
    log.info({ [name]: 'hush-hush' })
    log.info({ headers: { [name]: 'hush-hush' } })
    expect(lines.join('')).toContain('[redacted]')
    expect(lines.join('')).not.toContain('hush-hush')
  })

  test('leaves out what is below its level', () => {
    const { log, lines } = recording('warn')
    log.info('no')
    log.warn('yes')
    expect(lines).toHaveLength(1)
  })

  test('is silent when it is told to be', () => {
    const { log, lines } = recording('silent')
    log.fatal('no')
    expect(lines).toEqual([])
  })
})
