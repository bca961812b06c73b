import { describe, expect, test } from 'vitest'
import { createBag } from '../../src/proxy/bag.js'
import { Life } from '../../src/proxy/life.js'
import { splitLines } from '../../src/proxy/lines.js'
import { scanForId } from '../../src/proxy/scan-id.js'
import { parseEvents } from '../../src/proxy/sse.js'

/** Pushes text in pieces of every size. */
const inPieces = (text: string, size: number): Buffer[] => {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
}

describe('lines', () => {
  test.each([1, 2, 3, 7, 100])('are the same in pieces of %i bytes', (size) => {
    const lines: string[] = []
    const splitter = splitLines({
      limit: 100,
      line: (bytes) => lines.push(bytes.toString()),
      oversized: () => lines.push('?'),
    })
    for (const piece of inPieces('{"é":1}\r\n\n  \n{"世界":"🎉"}\nlast', size)) splitter.push(piece)
    splitter.end()
    expect(lines).toEqual(['{"é":1}\r', '{"世界":"🎉"}', 'last'])
  })

  test('go on after one that was too large', () => {
    const seen: unknown[] = []
    const splitter = splitLines({
      limit: 20,
      line: (bytes) => seen.push(bytes.toString()),
      oversized: (id) => seen.push(id),
    })
    splitter.push(Buffer.from('{"params":"0123456789","id":7}\n{"a":1}\n'))
    expect(seen).toEqual([7, '{"a":1}'])
  })
})

describe('the id of a message that is too large', () => {
  test.each([
    ['{"id":1,"a":2}', 1],
    ['{"a":{"id":2},"id":"x\\"y"}', 'x"y'],
    ['{"a":"\\"id\\":3,","id" : 4 }', 4],
    ['{"a":[{"id":5}]}', undefined],
    ['{"id":null}', undefined],
    ['{"id":{"id":6}}', undefined],
    ['not json', undefined],
  ])('in %s is %j', (text, id) => {
    for (const size of [1, 4, 100]) {
      const scanner = scanForId()
      for (const piece of inPieces(text, size)) scanner.push(piece)
      expect(scanner.id()).toBe(id)
    }
  })
})

describe('server-sent events', () => {
  const read = (text: string, size: number) => {
    const seen: string[] = []
    const parser = parseEvents(({ data }) => seen.push(data), 1000)
    for (const piece of inPieces(text, size)) parser.push(piece)
    return { seen, lastId: parser.lastId, retryMs: parser.retryMs }
  }

  test.each([1, 2, 3, 5, 100])('are the same in pieces of %i bytes, whatever ends a line', (size) => {
    const text =
      ': hello\nid: 1\ndata: a\n\ndata:b\r\ndata: c\r\n\r\nevent: x\rdata: 世\r\rretry: 50\nid: 2\n\ndata: cut'
    expect(read(text, size)).toEqual({ seen: ['a', 'b\nc', '世'], lastId: '2', retryMs: 50 })
  })

  test('without data are none', () => {
    expect(read('id: 1\n\n\n\nevent: ping\n\n', 100).seen).toEqual([])
  })

  test('ignore an id with a NUL and a retry that is no number', () => {
    expect(read('id: a\n\nid: b\0\nretry: soon\n\n', 100)).toEqual({
      seen: [],
      lastId: 'a',
      retryMs: undefined,
    })
  })

  test.each(['data: ', ''])('that are too large are refused, even without an end (%j)', (start) => {
    const parser = parseEvents(() => {}, 1000)
    expect(() => {
      for (let n = 0; n < 20; n++) parser.push(Buffer.from(`${start}${'x'.repeat(99)}${start && '\n'}`))
    }).toThrow(RangeError)
  })
})

test('a bag holds what was put in and not taken out', () => {
  const bag = createBag<{ place: number; name: string }>()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ place: -1, name }))
  for (const item of [a, b, c]) if (item) bag.add(item)
  if (a) bag.delete(a)
  if (a) bag.delete(a)
  expect(
    bag
      .items()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['b', 'c'])
  if (c) bag.delete(c)
  expect(bag.items()).toEqual([b])
})

describe('a life', () => {
  test('tells those who still listen when it is over, once', () => {
    const life = new Life()
    const told: string[] = []
    const forget = life.onOver(() => told.push('a'))
    life.onOver(() => told.push('b'))
    forget()
    life.end()
    life.end()
    expect(told).toEqual(['b'])
  })

  test('that is over tells at once, and its signal is aborted', () => {
    const life = new Life()
    life.end()
    let told = false
    life.onOver(() => {
      told = true
    })
    expect([told, life.signal.aborted, life.isOver]).toEqual([true, true, true])
  })
})
