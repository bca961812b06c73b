import { Box } from 'ink'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { LEVEL, useKeys } from './keyboard.js'
import { Line, Lines, type Span, type Spans, spread, widthOfSpans } from './line.js'
import type { Loaded } from './load.js'
import type { Notice } from './stage.js'
import { wrap } from './text.js'

/** A key and what it does now. */
export type Hint = readonly [key: string, does: string]

/** What stands below every sheet: a question that waits for y or n, or a notice. */
export interface Below {
  question: string | undefined
  notice: Notice | undefined
}

export const BelowContext = createContext<Below>({ question: undefined, notice: undefined })

const ALWAYS: readonly Hint[] = [
  ['?', 'keys'],
  ['q', 'quit'],
]
const ANSWERS: readonly Hint[] = [
  ['y', 'yes'],
  ['n', 'no'],
]

const hintSpans = (hints: readonly Hint[]): Span[] =>
  hints.flatMap(([key, does], index) => [
    { text: index === 0 ? '' : '   ' },
    { text: key, tone: 'accent' as const, bold: true },
    { text: ` ${does}`, tone: 'muted' as const },
  ])

/** The keys that matter now, as many as there is room for. */
export function footer(hints: readonly Hint[], always: readonly Hint[], width: number): Span[] {
  const right = hintSpans(always)
  const room = width - widthOfSpans(right) - 3
  const fitting = hints.filter((_, index) => widthOfSpans(hintSpans(hints.slice(0, index + 1))) <= room)
  return spread(hintSpans(fitting), right, width)
}

const MARGIN = 1
/** Title, space, notice and footer. */
const FRAME_LINES = 4

export interface Size {
  width: number
  height: number
}

/** What a sheet of that size has room for. */
export const roomOf = ({ width, height }: Size): Size => ({
  width: Math.max(width - 2 * MARGIN, 1),
  height: Math.max(height - FRAME_LINES, 1),
})

interface SheetProps extends Size {
  title: Spans
  right?: Spans
  hints: readonly Hint[]
  /** While somebody types, `?` and `q` are letters. */
  typing?: boolean
  children: ReactNode
}

const LONGEST_NOTICE = 3

/** What was done, or why not; one empty line where there is nothing to say. */
function noticeLines(notice: Notice | undefined, width: number): Spans[] {
  if (!notice) return [[]]
  const tone = notice.wrong ? 'danger' : 'accent'
  const lines = wrap(`${notice.wrong ? '!' : '✓'} ${notice.text}`, width).slice(0, LONGEST_NOTICE)
  return lines.map((text) => [{ text, tone }])
}

/** One screen: a title, what it shows, one line for what was done, and the keys that matter now. */
export function Sheet({ title, right = [], hints, typing = false, children, ...size }: SheetProps) {
  const { question, notice } = useContext(BelowContext)
  const room = roomOf(size)
  const said = question
    ? wrap(`? ${question}`, room.width).map((text) => [{ text, tone: 'accent' as const, bold: true }])
    : noticeLines(notice, room.width)
  const keys = question ? footer(ANSWERS, [], room.width) : footer(hints, typing ? [] : ALWAYS, room.width)
  return (
    <Box flexDirection="column" height={size.height} width={size.width} paddingX={MARGIN} overflow="hidden">
      <Line width={room.width} spans={spread(title, right, room.width)} />
      <Line width={room.width} spans={[]} />
      <Box flexDirection="column" height={room.height + 1 - said.length} overflow="hidden">
        {children}
      </Box>
      <Lines width={room.width} lines={said} />
      <Line width={room.width} spans={keys} />
    </Box>
  )
}

const PATIENCE_MS = 200

/** False at first, true after a moment: what is read at once is not announced. */
function useLate(): boolean {
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return late
}

interface InsteadProps {
  loaded: Loaded<unknown>
  empty: string
  width: number
}

/** What stands where there is nothing to show: that it is read, why not, or what to do. */
export function Instead({ loaded, empty, width }: InsteadProps) {
  const reading = useLate() ? 'Reading…' : ''
  const text = loaded.error ?? (loaded.value === undefined ? reading : empty)
  const tone = loaded.error === undefined ? 'muted' : 'danger'
  const lines = wrap(text, width - 2).map((line): Spans => [{ text: `  ${line}`, tone }])
  return <Lines width={width} lines={lines} />
}

interface MissingProps extends Size {
  title: Spans
  active: boolean
  loaded: Loaded<unknown>
  empty: string
  close(): void
}

/** A sheet for one thing that is not there, or not yet. */
export function Missing({ title, active, loaded, empty, close, ...size }: MissingProps) {
  useKeys(
    LEVEL.screen,
    active
      ? (press) => {
          if (press === 'escape') close()
          return press === 'escape'
        }
      : undefined,
  )
  return (
    <Sheet {...size} title={title} hints={[['Esc', 'back']]}>
      <Instead loaded={loaded} empty={empty} width={roomOf(size).width} />
    </Sheet>
  )
}
