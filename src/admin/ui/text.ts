/** Text as cells of a terminal. Nothing that is stored may move the cursor, change a colour or break a column. */
import stringWidth from 'string-width'
import { plain } from '../table.js'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/**
 * What joins or varies the characters before it. Terminals disagree about the width of what comes out, so
 * that each part stands alone instead.
 */
const JOINERS =
  /[\u00ad\u061c\u200b\u200c\u2060\ufeff]|\u200d|[\ufe00-\ufe0f]|[\u{1f3fb}-\u{1f3ff}]|[\u{e0000}-\u{e007f}]/gu

/** Stored text as one line that a terminal may show: white space as spaces, controls as �. */
export const shown = (text: string): string => plain(text.replace(/\s/gu, ' ').replace(JOINERS, ''))

export const widthOf = (text: string): number => stringWidth(text)

/** The parts of a text that a cursor steps over. */
export const graphemesOf = (text: string): string[] =>
  [...graphemes.segment(text)].map(({ segment }) => segment)

/** As much of a text as `width` columns hold, without an ellipsis. */
export function head(text: string, width: number): string {
  let [kept, used] = ['', 0]
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment)
    if (used > width) break
    kept += segment
  }
  return kept
}

/** At most `width` columns; what is cut off shows as an ellipsis. */
export function cut(text: string, width: number): string {
  if (width <= 0) return ''
  return stringWidth(text) <= width ? text : `${head(text, width - 1)}…`
}

/** The lines of a text in at most `width` columns, broken between words where there are any. */
export function wrap(text: string, width: number): string[] {
  return text.split(/\r\n|\r|\n/).flatMap((line) => wrapLine(shown(line), Math.max(width, 1)))
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = []
  let [current, used] = ['', 0]
  for (const { segment } of graphemes.segment(line.trimEnd())) {
    const room = stringWidth(segment)
    if (used + room > width && current !== '') {
      const end = breakOf(current, segment)
      lines.push(current.slice(0, end).trimEnd())
      current = current.slice(end).trimStart()
      used = stringWidth(current)
    }
    if (segment === ' ' && current === '' && lines.length > 0) continue
    current += segment
    used += room
  }
  return [...lines, current]
}

/** Where a line that is full ends: after its last word, or in the middle of its only one. */
function breakOf(line: string, next: string): number {
  const space = next === ' ' ? line.length : line.lastIndexOf(' ')
  return line.slice(0, Math.max(space, 0)).trim() === '' ? line.length : space
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
] as const

/** How long ago, in at most 10 columns: "now", "5 min", "3 h", "6 d", then the day. */
export function ago(time: number, now: number): string {
  const passed = now - time
  if (passed >= 14 * 86_400_000 || passed < -60_000) return new Date(time).toISOString().slice(0, 10)
  const [unit, word] = UNITS.find(([length]) => passed >= length) ?? []
  return unit === undefined ? 'now' : `${Math.floor(passed / unit)} ${word}`
}

/** A time to the minute, in UTC: "2026-03-01 09:00". */
export const minute = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ')

/** 1234567 → "1,234,567". */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** "1 task", "2 tasks". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`

/** Bytes as people say them: "412 KB", "1.2 GB". */
export function bytes(size: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(Math.floor(Math.log(Math.max(size, 1)) / Math.log(1024)), units.length - 1)
  const value = size / 1024 ** power
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}
