import { Box } from 'ink'
import { useEffect, useRef, useState } from 'react'
import type { Press } from './keyboard.js'
import { cell, Lines, type Span, type Spans } from './line.js'

export interface Column<Row> {
  title: string
  /** Columns of the terminal; "rest" shares what the others leave. */
  width: number | 'rest'
  align?: 'right'
  /** Shown only where the list is at least this wide. */
  from?: number
  show(row: Row): Spans
}

/** Where a list stands: the row that is chosen, and the first that is seen. */
export interface Choice<Row> {
  row: Row | undefined
  index: number
  top: number
  /** Moves for a key; false for a key that moves nothing. */
  handle(press: Press): boolean
}

interface Listed<Row> {
  rows: readonly Row[]
  keyOf(row: Row): string | number
  /** How many rows are seen at once. */
  height: number
  /** What the rows answer; another question is answered from its first row on. */
  question?: string
  /** True while the rows still answer another question: then a place in them is only a number. */
  stale?: boolean
  /** Called when the end of what is there comes near. */
  onEnd?: (() => void) | undefined
}

const STEPS: Record<string, (height: number) => number> = {
  up: () => -1,
  k: () => -1,
  down: () => 1,
  j: () => 1,
  pageup: (height) => -height,
  pagedown: (height) => height,
  ' ': (height) => height,
  home: () => Number.NEGATIVE_INFINITY,
  g: () => Number.NEGATIVE_INFINITY,
  end: () => Number.POSITIVE_INFINITY,
  G: () => Number.POSITIVE_INFINITY,
}

const between = (low: number, value: number, high: number) => Math.max(low, Math.min(value, high))

/** The choice in a list. It stays with its row while rows come and go around it. */
export function useChoice<Row>(listed: Listed<Row>): Choice<Row> {
  const { rows, keyOf, height, question = '', stale = false, onEnd } = listed
  const [latest, setChosen] = useState<{
    key: string | number | undefined
    index: number
    question: string
  }>()
  const chosen = latest?.question === question ? latest : undefined
  const top = useRef(0)
  const found = chosen?.key === undefined ? -1 : rows.findIndex((row) => keyOf(row) === chosen.key)
  const last = Math.max(rows.length - 1, 0)
  const index = between(0, found >= 0 ? found : (chosen?.index ?? 0), last)
  const room = Math.max(height, 1)
  top.current = between(
    Math.max(index - room + 1, 0),
    top.current,
    Math.min(index, Math.max(last - room + 1, 0)),
  )
  const nearEnd = index + 2 * room >= rows.length
  useEffect(() => {
    if (nearEnd) onEnd?.()
  }, [nearEnd, onEnd])

  const handle = (press: Press): boolean => {
    const step = STEPS[press]
    if (!step) return false
    const to = between(0, index + step(Math.max(room - 1, 1)), last)
    const row = rows[to]
    setChosen({ key: row === undefined || stale ? undefined : keyOf(row), index: to, question })
    return true
  }
  return { row: rows[index], index, top: top.current, handle }
}

const GAP = 2
const MARK = 2

/** The width of each column that is shown; "rest" columns share what is left. */
function widthsOf<Row>(columns: readonly Column<Row>[], width: number): [Column<Row>, number][] {
  const seen = columns.filter(({ from }) => from === undefined || width >= from)
  const fixed = seen.reduce((sum, one) => sum + (one.width === 'rest' ? 0 : one.width), 0)
  const left = width - MARK - GAP * (seen.length - 1) - fixed
  const sharing = seen.filter((one) => one.width === 'rest').length
  return seen.map((one) => [one, one.width === 'rest' ? Math.max(Math.floor(left / sharing), 1) : one.width])
}

const joined = (cells: readonly Span[][]): Span[] =>
  cells.flatMap((spans, index) => (index === 0 ? spans : [{ text: ' '.repeat(GAP) }, ...spans]))

interface ListProps<Row> {
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  choice: Choice<Row>
  width: number
  /** Lines, the headings included. */
  height: number
}

/** How many lines of a list its headings take. */
export const HEADINGS = 1

/** A window into rows: only those that are seen are built. */
export function List<Row>({ columns, rows, choice, width, height }: ListProps<Row>) {
  const widths = widthsOf(columns, width)
  const seen = rows.slice(choice.top, choice.top + Math.max(height - HEADINGS, 0))
  const headings = widths.map(([{ title, align }, room]) =>
    cell([{ text: title, tone: 'muted' }], room, align),
  )
  const lines = seen.map((row, offset) => {
    const cells = widths.map(([{ show, align }, room]) => cell(show(row), room, align))
    return marked(joined(cells), choice.top + offset === choice.index)
  })
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Lines width={width} lines={[['  ', ...joined(headings)], ...lines]} />
    </Box>
  )
}

/** A line with the mark of the choice in front, so that the choice is seen without colour as well. */
export const marked = (spans: Spans, here: boolean): Spans =>
  here
    ? [
        { text: '❯ ', tone: 'accent', bold: true },
        ...spans.map((span) => ({ ...(typeof span === 'string' ? { text: span } : span), bold: true })),
      ]
    : ['  ', ...spans]
