/** A change of the source that some test should notice. */
export interface Mutant {
  file: string
  /** The lines that it changes, as it makes them; what names it. */
  became: string
  killed: boolean
}

const LONGEST = 200

/** The line, or lines, around a change in one piece, without indentation. */
export function changedLine(source: string, start: number, end: number, replacement: string): string {
  const from = source.lastIndexOf('\n', start - 1) + 1
  const next = source.indexOf('\n', end)
  const to = next < 0 ? source.length : next
  const line = `${source.slice(from, start)}${replacement}${source.slice(end, to)}`
  return line.replace(/\s+/g, ' ').trim().slice(0, LONGEST)
}
