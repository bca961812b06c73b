import { useEffect, useState } from 'react'
import { useField } from './field.js'
import { LEVEL, type Press, useKeys } from './keyboard.js'
import type { Span } from './line.js'

/** What narrows a list down: typed after `/`, kept by Enter, dropped by Esc. */
export interface Filter {
  /** Without the space around it; empty for everything. */
  text: string
  typing: boolean
  /** `/` begins to type and Esc drops what was typed; false for other keys. */
  handle(press: Press): boolean
  spans: Span[]
}

const WIDTH = 24

export function useFilter(active: boolean): Filter {
  const field = useField()
  const [typing, setTyping] = useState(false)
  const text = field.text.trim()

  useKeys(
    LEVEL.panel,
    active && typing
      ? (press) => {
          if (press === 'escape') field.set('')
          if (press === 'escape' || press === 'enter' || press === 'down') setTyping(false)
          else field.handle(press)
          return press !== 'ctrl+c'
        }
      : undefined,
  )
  const handle = (press: Press): boolean => {
    if (press === '/') setTyping(true)
    else if (press === 'escape' && text !== '') field.set('')
    else return false
    return true
  }
  const spans: Span[] = typing
    ? [{ text: '/', tone: 'accent', bold: true }, ...field.spans(WIDTH, true)]
    : text === ''
      ? []
      : [{ text: `/${text}`, tone: 'accent' }]
  return { text, typing: active && typing, handle, spans }
}

/** Rows of which some text holds the filter, letter case aside. */
export function filtered<Row>(
  rows: readonly Row[],
  text: string,
  textsOf: (row: Row) => string[],
): readonly Row[] {
  if (text === '') return rows
  const wanted = text.toLowerCase()
  return rows.filter((row) => textsOf(row).some((one) => one.toLowerCase().includes(wanted)))
}

const SETTLED_AFTER_MS = 120

/** A text once nobody has typed for a moment: what is worth a search. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_AFTER_MS)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}
