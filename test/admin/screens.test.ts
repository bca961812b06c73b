import { beforeAll, describe, expect, test } from 'vitest'
import { wholeTerminal } from '../../src/admin/io.js'
import { type AdminBench, adminBench } from '../helpers/admin.js'

let bench: AdminBench
beforeAll(async () => {
  bench = await adminBench()
})

describe('admin alone', () => {
  test.each([
    [['usrs'], "Unknown command 'usrs'.", 'use users, or see "admin --help"'],
    [['usrs', 'list', '--json'], "Unknown command 'usrs'.", 'use users, or see "admin --help"'],
    [['--jsn'], "Unknown option '--jsn'.", 'see "admin --help"'],
  ])('refuses %j, which is neither a command nor nothing', async (args, message, fix) => {
    expect(await bench.refusal(args)).toMatchObject({ code: 'USAGE', message, fix })
  })
})

test.each([
  [true, true, true],
  [true, false, false],
  [false, true, false],
])('stdin a terminal: %s, stdout: %s, a whole one: %s', (stdin, stdout, whole) => {
  const streams = { stdin: { isTTY: stdin }, stdout: { isTTY: stdout } } as unknown as NodeJS.Process
  expect(wholeTerminal(streams) !== undefined).toBe(whole)
})
