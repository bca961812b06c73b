/** Reads CSV (RFC 4180): commas, double quotes, a header; lines may end with CRLF. */

export interface CsvRow {
  line: number
  cells: string[]
}

/** A cell and the sign behind it. A quoted cell may hold commas, line breaks and doubled quotes. */
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y

/** The rows of a table without its empty lines; undefined in place of the row where it stops being CSV. */
export function* parseCsv(text: string): Generator<CsvRow | { line: number; cells: undefined }> {
  let [line, at] = [1, 0]
  while (at < text.length) {
    const row: CsvRow = { line, cells: [] }
    for (let behind = ','; behind === ','; ) {
      CELL.lastIndex = at
      const found = CELL.exec(text)
      if (!found) return yield { line, cells: undefined }
      const [all, quoted, bare = '', end = ''] = found
      row.cells.push(quoted?.replaceAll('""', '"') ?? bare)
      line += all.split('\n').length - 1
      at += all.length
      behind = end
    }
    if (row.cells.length > 1 || row.cells[0] !== '') yield row
  }
}
