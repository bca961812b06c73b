import type { SeedKind } from '../../store/types.js'
import { nearest } from '../../tools/nearest.js'
import { parseCsv } from './csv.js'
import type { SeedFormat } from './file.js'
import { KINDS, kindOfType, RECORDS, TYPES } from './format.js'
import { JsonProblem, type LocatedJson, parseJson } from './json.js'

/** A record as it stands in a file, not yet looked at. */
export interface RawRecord {
  kind: SeedKind
  value: unknown
  line: number
  /** The line of one field, where that is known better. */
  lineOf(field: string): number
}

export interface Problem {
  line: number
  /** What is wrong, and what would be right. */
  what: string
}

export interface RawRecords {
  records: RawRecord[]
  problems: Problem[]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const unknownName = (name: string, known: readonly string[], what: string): string => {
  const meant = nearest(name, known)
  return `${what} ${JSON.stringify(name)} is unknown; ${meant ? `use "${meant}"` : `known are ${known.join(', ')}`}`
}

function located(kind: SeedKind, value: unknown, { lines }: LocatedJson, line: number): RawRecord {
  const places = isObject(value) ? lines.get(value) : undefined
  return {
    kind,
    value,
    line: places?.[''] ?? line,
    lineOf: (field) => places?.[field] ?? places?.[''] ?? line,
  }
}

function fromJson(text: string): RawRecords {
  const json = parseJson(text)
  const [records, problems]: [RawRecord[], Problem[]] = [[], []]
  if (!isObject(json.value))
    return { records, problems: [{ line: 1, what: 'the file must hold one object' }] }
  for (const [name, list] of Object.entries(json.value)) {
    const line = json.lines.get(json.value)?.[name] ?? 1
    const kind = KINDS.find((one) => one === name)
    if (!kind) problems.push({ line, what: unknownName(name, KINDS, 'the name') })
    else if (!Array.isArray(list)) problems.push({ line, what: `${name} must be an array` })
    else
      records.push(
        ...list.map((value, index) => located(kind, value, json, json.lines.get(list)?.[index] ?? line)),
      )
  }
  return { records, problems }
}

function fromLines(text: string): RawRecords {
  const [records, problems]: [RawRecord[], Problem[]] = [[], []]
  for (const [index, content] of text.split('\n').entries()) {
    const line = index + 1
    if (content.trim() === '') continue
    try {
      const json = parseJson(content, line)
      const { type, ...value } = isObject(json.value) ? json.value : {}
      const kind = kindOfType(type)
      const known = Object.values(TYPES)
      if (kind) records.push({ kind, value, line, lineOf: () => line })
      else if (typeof type === 'string') problems.push({ line, what: unknownName(type, known, 'the type') })
      else problems.push({ line, what: `it must be an object with a "type" of ${known.join(', ')}` })
    } catch (error) {
      problems.push(asProblem(error))
    }
  }
  return { records, problems }
}

/** A cell as the value that JSON would give: ids are numbers, owners a list, what is empty is left out. */
function cellValue(field: string, cell: string): unknown {
  if (field === 'owners') return cell.split(/[\s;]+/).filter((email) => email !== '')
  return (field === 'id' || field === 'parent') && /^\d+$/.test(cell) ? Number(cell) : cell
}

function fromCsv(text: string): RawRecords {
  const [records, problems]: [RawRecord[], Problem[]] = [[], []]
  const known = Object.keys(RECORDS.tasks.shape)
  let header: string[] | undefined
  for (const { line, cells } of parseCsv(text)) {
    if (!cells) problems.push({ line, what: 'it is not CSV; a quoted cell ends with a quote and a comma' })
    else if (!header) {
      header = cells.map((cell) => cell.trim())
      problems.push(...headerProblems(header, known, line))
    } else if (cells.length !== header.length) {
      problems.push({ line, what: `it has ${cells.length} cells; the header has ${header.length}` })
    } else {
      const named = header.map((field, index) => [field, cells[index] ?? ''] as const)
      const given = named.filter(([, cell]) => cell !== '')
      const value = Object.fromEntries(given.map(([field, cell]) => [field, cellValue(field, cell)]))
      records.push({ kind: 'tasks', value, line, lineOf: () => line })
    }
  }
  return { records, problems }
}

const headerProblems = (header: readonly string[], known: readonly string[], line: number): Problem[] => [
  ...header
    .filter((field) => !known.includes(field))
    .map((field) => ({ line, what: unknownName(field, known, 'the column') })),
  ...header
    .filter((field, index) => header.indexOf(field) !== index)
    .map((field) => ({ line, what: `the column "${field}" stands twice` })),
]

function asProblem(error: unknown): Problem {
  if (error instanceof JsonProblem) return { line: error.line, what: error.message }
  throw error
}

const READERS: Record<SeedFormat, (text: string) => RawRecords> = {
  json: fromJson,
  ndjson: fromLines,
  csv: fromCsv,
}

/** The records of a text, each with its line, and what is wrong with the text itself. */
export function rawRecords(text: string, format: SeedFormat): RawRecords {
  try {
    return READERS[format](text)
  } catch (error) {
    return { records: [], problems: [asProblem(error)] }
  }
}
