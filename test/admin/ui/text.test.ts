import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { cell, type Span, spread, within } from '../../../src/admin/ui/line.js'
import { ago, bytes, cut, shown, wrap } from '../../../src/admin/ui/text.js'

const text = (spans: readonly Span[]) => spans.map((span) => span.text).join('')

describe('shown', () => {
  test.each([
    ['an escape sequence', '\u001b[31mred', '�[31mred'],
    ['a C1 control', '\u009b2J', '�2J'],
    ['a bell and a delete', 'a\u0007b\u007f', 'a�b�'],
    ['text turned around', '\u202eabc\u2066', '�abc�'],
    ['white space', 'a\nb\tc\u2028d\u00a0e\r', 'a b c d e '],
    ['joined emoji', '👩‍💻', '👩💻'],
    ['a skin tone and a variation', '👍🏽 ❤️', '👍 ❤'],
    ['letters that combine', 'e\u0301', 'e\u0301'],
  ])('makes %s safe', (_, given, safe) => {
    expect(shown(given)).toBe(safe)
  })
})

describe('cut', () => {
  test.each([
    ['Call back', 9, 'Call back'],
    ['Call back', 8, 'Call ba…'],
    ['完成報告', 8, '完成報告'],
    ['完成報告', 7, '完成報…'],
    ['完成報告', 6, '完成…'],
    ['Call', 1, '…'],
    ['Call', 0, ''],
  ])('%s in %i columns is %s', (given, width, expected) => {
    expect(cut(given, width)).toBe(expected)
    expect(stringWidth(cut(given, width))).toBeLessThanOrEqual(width)
  })
})

describe('wrap', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two three', 8, ['one two', 'three']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['a\r\nb\n\nc', 9, ['a', 'b', '', 'c']],
    ['完成季度報告', 5, ['完成', '季度', '報告']],
    ['完', 1, ['完']],
    ['', 5, ['']],
  ])('%j in %i columns', (given, width, lines) => {
    expect(wrap(given, width)).toEqual(lines)
  })

  test('ends for a long text without spaces', () => {
    expect(wrap('x'.repeat(65_536), 80)).toHaveLength(820)
  })
})

describe('a line', () => {
  const spans = ['ab', { text: '完成', tone: 'accent' as const }, 'cd']

  test.each([
    [8, 'ab完成cd'],
    [7, 'ab完成…'],
    [6, 'ab完…'],
    [3, 'ab…'],
    [1, '…'],
    [0, ''],
  ])('is cut to %i columns', (width, expected) => {
    expect(text(within(spans, width))).toBe(expected)
  })

  test('keeps the look of what is left of a part', () => {
    expect(within(spans, 6).at(-1)).toEqual({ text: '完…', tone: 'accent' })
  })

  test.each([
    ['left', 'ab完成cd  '],
    ['right', '  ab完成cd'],
  ] as const)('fills a cell from the %s', (align, expected) => {
    expect(text(cell(spans, 10, align))).toBe(expected)
  })

  test('with two ends lets the left one give way', () => {
    expect(text(spread(['a long title'], ['1 of 2'], 12))).toBe('a lon…1 of 2')
  })
})

test.each([
  [0, 'now'],
  [59_999, 'now'],
  [60_000, '1 min'],
  [7_200_000, '2 h'],
  [13 * 86_400_000, '13 d'],
  [14 * 86_400_000, '2026-02-15'],
  [-90_000, '2026-03-01'],
])('%i ms ago reads "%s"', (passed, words) => {
  const now = Date.UTC(2026, 2, 1, 9)
  expect(ago(now - passed, now)).toBe(words)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KB'],
  [372_736, '364 KB'],
  [1_288_490_189, '1.2 GB'],
])('%i bytes read "%s"', (size, words) => {
  expect(bytes(size)).toBe(words)
})
