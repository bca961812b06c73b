import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { terminalIo } from '../../src/admin/io.js'

function terminal({ isTTY = true } = {}) {
  const streams = {
    stdin: Object.assign(new PassThrough(), { isTTY }),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  }
  const control = new AbortController()
  return { ...streams, control, io: terminalIo(control.signal, streams) }
}

const shownOn = (stream: PassThrough): string => String(stream.read() ?? '')

test('writes answers to stdout and words to stderr', () => {
  const { io, stdout, stderr } = terminal()
  io.out('an answer')
  io.err('a word')
  expect([shownOn(stdout), shownOn(stderr)]).toEqual(['an answer\n', 'a word\n'])
})

test('asks for a secret without showing it', async () => {
  const { io, stdin, stdout, stderr } = terminal()
  const answer = io.askHidden('Password: ')
  stdin.write('tide and harbour\r')
  expect(await answer).toBe('tide and harbour')
  expect(shownOn(stderr)).toBe('Password: \n')
  expect(shownOn(stdout)).toBe('')
})

test('lets a secret be corrected while it is typed', async () => {
  const { io, stdin } = terminal()
  const answer = io.askHidden('Password: ')
  stdin.write('tidal\u007f\u007fe\r')
  expect(await answer).toBe('tide')
})

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('takes %s for leaving', async (_, key) => {
  const { io, stdin } = terminal()
  const answer = io.askHidden('Password: ')
  stdin.write(key)
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

test('stops asking when the command is ended', async () => {
  const { io, control } = terminal()
  const answer = io.askHidden('Password: ')
  control.abort()
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

test.each([
  ['one line', 'secret\n', 'secret'],
  ['a line of Windows', 'secret\r\n', 'secret'],
  ['spaces that belong to it', ' secret \n', ' secret '],
  ['several lines', 'a\nb\n\n', 'a\nb\n'],
])('reads %s from stdin', async (_, given, read) => {
  const { io, stdin } = terminal({ isTTY: false })
  stdin.end(given)
  expect(await io.stdin()).toBe(read)
})

test('stops reading stdin when the command is ended', async () => {
  const { io, stdin, control } = terminal({ isTTY: false })
  stdin.write('half a ')
  const read = io.stdin()
  control.abort()
  await expect(read).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

test('asks and reads nothing once the command is ended', async () => {
  const { io, control } = terminal()
  control.abort()
  await expect(io.askHidden('Password: ')).rejects.toMatchObject({ code: 'INTERRUPTED' })
  await expect(io.stdin()).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

test('does not mind a reader that leaves before the end', async () => {
  const { io, stdout } = terminal()
  stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
  await new Promise((resolve) => stdout.once('close', resolve))
  expect(() => io.out('one more')).not.toThrow()
})
