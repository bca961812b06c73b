import { useState } from 'react'
import { LEVEL, type Press, useKeys } from './keyboard.js'
import { Lines, type Spans } from './line.js'
import { marked } from './list.js'
import { type Hint, roomOf, Sheet, type Size } from './sheet.js'

/** A line of something that is read from top to bottom; one with `keys` can be chosen, and does what they say. */
export interface ReadLine {
  spans: Spans
  keys?: Record<Press, () => void>
}

/** A line between others, and a heading. */
export const SPACE: ReadLine = { spans: [] }
export const heading = (text: string, more: string | undefined = ''): ReadLine[] => [
  SPACE,
  {
    spans: [
      { text, bold: true },
      { text: more === '' ? '' : `  ${more}`, tone: 'muted' },
    ],
  },
]

const between = (low: number, value: number, high: number) => Math.max(low, Math.min(value, high))
const NAMES: Record<string, string> = { k: 'up', j: 'down', ' ': 'pagedown', g: 'home', G: 'end' }

/** A window into lines: arrows go from choice to choice where there are any, and scroll where there are none. */
function useWindow(lines: readonly ReadLine[], height: number) {
  const [state, setState] = useState({ top: 0, chosen: 0 })
  const choices = lines.flatMap(({ keys }, index) => (keys ? [index] : []))
  const chosen = between(0, state.chosen, Math.max(choices.length - 1, 0))
  const last = Math.max(lines.length - height, 0)
  const top = between(0, state.top, last)

  const scroll = (by: number) => setState({ top: between(0, top + by, last), chosen })
  function step(by: number): void {
    const next = between(0, chosen + by, choices.length - 1)
    const line = choices[next]
    if (line === undefined || next === chosen) scroll(by)
    else setState({ top: between(0, between(line - height + 1, top, line), last), chosen: next })
  }
  const keys: Record<string, () => void> = {
    up: () => step(-1),
    down: () => step(1),
    pageup: () => scroll(1 - height),
    pagedown: () => scroll(height - 1),
    home: () => scroll(-lines.length),
    end: () => scroll(lines.length),
  }
  const at = choices[chosen]
  const handle = (press: Press): boolean => {
    const act = (at === undefined ? undefined : lines[at]?.keys?.[press]) ?? keys[NAMES[press] ?? press]
    act?.()
    return act !== undefined
  }
  return { top, at, handle }
}

interface DetailProps extends Size {
  active: boolean
  title: Spans
  lines: readonly ReadLine[]
  hints: readonly Hint[]
  /** Keys that do not depend on the line. */
  keys?: Record<Press, () => void>
  close(): void
}

/** One thing, read from top to bottom. */
export function Detail({ active, title, lines, hints, keys = {}, close, ...size }: DetailProps) {
  const room = roomOf(size)
  const { top, at, handle } = useWindow(lines, room.height)
  useKeys(
    LEVEL.screen,
    active
      ? (press) => {
          if (handle(press)) return true
          const act = press === 'escape' || press === 'backspace' ? close : keys[press]
          act?.()
          return act !== undefined || press === 'enter'
        }
      : undefined,
  )
  const seen = lines
    .slice(top, top + room.height)
    .map(({ spans }, offset) => marked(spans, top + offset === at))
  const below = lines.length - top - room.height
  const right: Spans =
    below > 0 ? [{ text: `${below} more ${below === 1 ? 'line' : 'lines'} ↓`, tone: 'muted' }] : []
  const moves: Hint[] = at !== undefined || lines.length > room.height ? [['↑↓', 'move']] : []
  return (
    <Sheet {...size} title={title} right={right} hints={[...moves, ...hints, ['Esc', 'back']]}>
      <Lines width={room.width} lines={seen} />
    </Sheet>
  )
}
