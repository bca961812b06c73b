import { useState } from 'react'
import type { Press } from './keyboard.js'
import { cell, type Span } from './line.js'
import { graphemesOf, shown, widthOf } from './text.js'

/** A line that somebody types. */
export interface Field {
  text: string
  /** Changes the text for a key; false for a key that changes nothing. */
  handle(press: Press): boolean
  set(text: string): void
  /** The text around the caret, which is shown where `here` is true. */
  spans(width: number, here: boolean): Span[]
}

interface Typed {
  before: string[]
  after: string[]
}

const typed = (text: string): Typed => ({ before: graphemesOf(text), after: [] })

const MOVES: Record<string, (typed: Typed) => Typed> = {
  left: ({ before, after }) => ({ before: before.slice(0, -1), after: [...before.slice(-1), ...after] }),
  right: ({ before, after }) => ({ before: [...before, ...after.slice(0, 1)], after: after.slice(1) }),
  home: ({ before, after }) => ({ before: [], after: [...before, ...after] }),
  end: ({ before, after }) => ({ before: [...before, ...after], after: [] }),
  backspace: ({ before, after }) => ({ before: before.slice(0, -1), after }),
  'ctrl+u': ({ after }) => ({ before: [], after }),
  'ctrl+k': ({ before }) => ({ before, after: [] }),
}
const NAMES: Record<string, string> = {
  'ctrl+a': 'home',
  'ctrl+e': 'end',
  'ctrl+b': 'left',
  'ctrl+f': 'right',
}

const CARET = '▏'

function around({ before, after }: Typed, width: number): Span[] {
  const start = [...before]
  while (widthOf(shown(start.join(''))) > width - 2) start.shift()
  const cutOff = start.length < before.length ? '…' : ''
  return cell(
    [`${cutOff}${start.join('')}`, { text: CARET, tone: 'accent', bold: true }, after.join('')],
    width,
  )
}

/** A line to type in, which begins with `initial`. */
export function useField(initial = ''): Field {
  const [now, setNow] = useState(() => typed(initial))
  const handle = (press: Press): boolean => {
    const move = MOVES[NAMES[press] ?? press]
    if (move) setNow(move)
    else if ([...press].length === 1) {
      setNow(({ before, after }) => ({ before: graphemesOf(before.join('') + press), after }))
    } else return false
    return true
  }
  const text = now.before.join('') + now.after.join('')
  return {
    text,
    handle,
    set: (next) => setNow(typed(next)),
    spans: (width, here) => (here ? around(now, width) : cell([text], width)),
  }
}
