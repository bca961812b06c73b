import { EventEmitter } from 'node:events'
import { setImmediate as drawn } from 'node:timers/promises'
import type { WriteStream } from 'node:tty'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Canvas, openCanvas } from '../../../src/admin/ui/terminal.js'

const ESC = '\u001b['

/** A terminal that keeps what is written to it. */
function fakeTerminal() {
  const written: string[] = []
  const output = Object.assign(new EventEmitter(), {
    rows: 4,
    columns: 20,
    write: (text: string) => written.push(text) > 0,
  })
  return { output: output as unknown as WriteStream, emitter: output, written }
}

let terminal: ReturnType<typeof fakeTerminal>
let canvas: Canvas
beforeEach(() => {
  terminal = fakeTerminal()
  canvas = openCanvas(terminal.output)
})
afterEach(() => canvas.close())

async function draw(...lines: string[]): Promise<string> {
  canvas.frames.write(lines.join('\n'))
  await drawn()
  await drawn()
  return terminal.written.at(-1) ?? ''
}
const at = (row: number, line: string) => `${ESC}${row};1H${line}${ESC}0m${ESC}K`
const update = (...parts: string[]) => `${ESC}?2026h${parts.join('')}${ESC}?2026l`

test('the terminal is taken over on a screen of its own, without cursor and without wrapping', () => {
  expect(terminal.written).toEqual([`${ESC}?1049h${ESC}?25l${ESC}?7l${ESC}2J`])
})

test('only lines that differ are written, each at its place', async () => {
  expect(await draw('a', 'b', 'c')).toBe(update(at(1, 'a'), at(2, 'b'), at(3, 'c')))
  expect(await draw('a', 'B', 'c')).toBe(update(at(2, 'B')))
  const before = terminal.written.length
  await draw('a', 'B', 'c')
  expect(terminal.written).toHaveLength(before)
})

test('lines that are gone are cleared', async () => {
  await draw('a', 'b', 'c')
  expect(await draw('a')).toBe(update(`${ESC}2;1H${ESC}J`))
})

test('frames that come at once are drawn once', async () => {
  canvas.frames.write('a')
  expect(await draw('b')).toBe(update(at(1, 'b')))
  expect(terminal.written).toHaveLength(2)
})

test('no more lines are drawn than the terminal has', async () => {
  expect(await draw('1', '2', '3', '4', '5')).not.toContain('5')
})

test('after a resize everything is drawn again', async () => {
  await draw('a', 'b')
  terminal.output.rows = 1
  terminal.emitter.emit('resize')
  expect(canvas.frames.rows).toBe(1)
  expect(await draw('a', 'b')).toBe(update(at(1, 'a')))
})

test('the terminal is given back once, and nothing is drawn afterwards', async () => {
  canvas.frames.write('a')
  canvas.close()
  canvas.close()
  await draw('b')
  expect(terminal.written.slice(1)).toEqual([`${ESC}0m${ESC}?7h${ESC}?25h${ESC}?1049l`])
})

test('nothing is left behind on the process or the terminal', () => {
  canvas.close()
  expect(terminal.emitter.listenerCount('resize')).toBe(0)
  const another = openCanvas(terminal.output)
  const listening = process.listenerCount('exit')
  another.close()
  expect(process.listenerCount('exit')).toBe(listening - 1)
})
