import { Box, Text } from 'ink'
import { createContext, useContext } from 'react'
import { head, shown, widthOf } from './text.js'

/** What a part of a line means; what that looks like is decided here alone. */
export type Tone = 'accent' | 'muted' | 'danger'

export interface Span {
  text: string
  tone?: Tone
  bold?: boolean
}

/** A line in parts; a bare string is text without a tone. */
export type Spans = readonly (Span | string)[]

/** Whether colours may be used (NO_COLOR, and terminals without any). Bold, dim and marks stay. */
export const Colour = createContext(true)

const safe = (part: Span | string): Span =>
  typeof part === 'string' ? { text: shown(part) } : { ...part, text: shown(part.text) }

export const widthOfSpans = (spans: Spans): number =>
  spans.reduce((sum, part) => sum + widthOf(safe(part).text), 0)

/** At most `width` columns of a line, every part of it made safe to show; an ellipsis where it was cut. */
export function within(spans: Spans, width: number): Span[] {
  const parts = spans.map(safe)
  if (widthOfSpans(parts) <= width) return parts
  const kept: Span[] = []
  let left = width - 1
  for (const part of parts) {
    const text = head(part.text, left)
    left -= widthOf(text)
    if (text !== part.text) return width < 1 ? [] : [...kept, { ...part, text: `${text}…` }]
    kept.push(part)
  }
  return kept
}

/** Exactly `width` columns: cut, or filled with spaces. */
export function cell(spans: Spans, width: number, align: 'left' | 'right' = 'left'): Span[] {
  const fitted = within(spans, width)
  const space = { text: ' '.repeat(Math.max(width - widthOfSpans(fitted), 0)) }
  return align === 'right' ? [space, ...fitted] : [...fitted, space]
}

/** One line of the screen, never more. All text of the screens goes through here. */
export function Line({ spans, width }: { spans: Spans; width: number }) {
  const colour = useContext(Colour)
  const parts = within(spans, width)
  // biome-ignore lint/suspicious/noArrayIndexKey: a part of a line is its place in it
  const shownParts = parts.map((span, place) => <Part key={place} {...span} colour={colour} />)
  return (
    <Box flexShrink={0} height={1}>
      <Text wrap="truncate">{parts.length === 0 ? ' ' : shownParts}</Text>
    </Box>
  )
}

/** Lines, one below the other. */
export function Lines({ lines, width }: { lines: readonly Spans[]; width: number }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a line of a screen is its place, whatever stands there
  return lines.map((spans, place) => <Line key={place} spans={spans} width={width} />)
}

function Part({ text, tone, bold = false, colour }: Span & { colour: boolean }) {
  const look = { bold, dimColor: tone === 'muted' }
  const tint = colour && tone === 'accent' ? 'green' : colour && tone === 'danger' ? 'red' : undefined
  return tint === undefined ? (
    <Text {...look}>{text}</Text>
  ) : (
    <Text {...look} color={tint}>
      {text}
    </Text>
  )
}

/** Spans with something at the left end and something at the right end of the line; the left gives way. */
export function spread(left: Spans, right: Spans, width: number): Span[] {
  const end = within(right, width)
  return [...cell(left, width - widthOfSpans(end)), ...end]
}
