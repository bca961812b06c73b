import type { Io } from './io.js'

/** Characters that could move a cursor, recolour a terminal or turn text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Stored text as a terminal may show it. */
export const plain = (text: string): string => text.replace(UNSAFE, '�')

/** Rows as aligned columns under headings, for a person; cells are shown as plain text. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headings, ...rows].map((row) => row.map((cell) => plain(String(cell))))
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export interface Rows<Row> {
  rows: readonly Row[]
  /** The word over each column, and what it shows of a row. */
  columns: Record<string, (row: Row) => string | number>
  /** What to say, and to do, when there is no row. */
  empty: string
}

/** Prints rows: as one JSON array for a program, as a table for a person. */
export function printRows<Row>(io: Io, json: boolean | undefined, { rows, columns, empty }: Rows<Row>): void {
  if (json) io.out(JSON.stringify(rows, null, 2))
  else if (rows.length === 0) io.err(empty)
  else {
    const headings = Object.keys(columns).map((name) => name.toUpperCase())
    const cells = rows.map((row) => Object.values(columns).map((show) => show(row)))
    io.out(table(headings, cells))
  }
}
