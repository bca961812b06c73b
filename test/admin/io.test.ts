import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { terminalIo } from '../../src/admin/io.js'

function terminal({ isTTY = true } = {}) {
  const streams = {
    stdin: Object.assign(new PassThrough(), { isTTY }),
    stdout: new PassThrough(),
    stderr: Object.assign(new PassThrough(), { isTTY, columns: 20 }),
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

test.each([
  ['y', true],
  ['YES', true],
  ['n', false],
  ['', false],
  ['yep', false],
])('asks for a yes and takes %j as %s', async (typed, yes) => {
  const { io, stdin, stderr } = terminal()
  const answer = io.confirm('Remove it? ')
  stdin.write(`${typed}\r`)
  expect(await answer).toBe(yes)
  expect(shownOn(stderr)).toContain('Remove it? ')
})

test('takes Ctrl-C for no answer', async () => {
  const { io, stdin } = terminal()
  const answer = io.confirm('Remove it? ')
  stdin.write('\u0003')
  await expect(answer).rejects.toMatchObject({ code: 'INTERRUPTED' })
})

test('shows how far it is on one line, no wider than the terminal, and takes it away', () => {
  const { io, stderr } = terminal()
  io.status('')
  io.status('1 of 2')
  io.status('a line that is wider than the terminal')
  io.status('')
  const clear = '\r\u001b[2K'
  expect(shownOn(stderr)).toBe(`${clear}1 of 2${clear}a line that is wide${clear}`)
})

test('shows no progress where stderr is no terminal', () => {
  const { io, stderr } = terminal({ isTTY: false })
  io.status('1 of 2')
  io.status('')
  expect(shownOn(stderr)).toBe('')
})
