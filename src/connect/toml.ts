import { isDeepStrictEqual } from 'node:util'
import { parse, TomlError } from 'smol-toml'
import type { Entry } from '../clients/index.js'
import { tomlTable } from '../clients/snippet.js'
import { type Edit, edited, endOfLine, type Language, Unreadable } from './language.js'

/** TOML, in which a server is a table of its own; comments and everything else stay as they are. */
export const tomlLanguage: Language = { read, put, drop }

function read(text: string): Record<string, unknown> {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [what = ''] = cause.message.split('\n')
    throw new Unreadable(`is not TOML: ${what.replace(/^Invalid TOML document: /, '')} on line ${cause.line}`)
  }
}

function put(text: string, path: readonly string[], entry: Entry): string {
  const end = endOfLine(text)
  const table = tomlTable(path, entry).replaceAll('\n', end) + end
  const [first, ...others] = partsAt(text, path)
  if (first) return edited(text, [{ ...first, put: table }, ...others])
  if (text.trim() === '') return table
  return `${text}${text.endsWith('\n') ? '' : end}${end}${table}`
}

function drop(text: string, path: readonly string[]): string {
  return edited(
    text,
    partsAt(text, path).map(({ from, to }) => {
      const blank = /(?<=\n)\r?\n$/.exec(text.slice(0, from))?.[0].length ?? 0
      return { from: from - blank, to }
    }),
  )
}

/**
 * Where the tables at a path and below it stand, each without the comments that lead over to the next.
 * @throws Unreadable where what is there is not written as a table of its own
 */
function partsAt(text: string, path: readonly string[]): Edit[] {
  const headers = headersIn(text)
  const parts = headers.flatMap(({ from, path: own }, index) => {
    if (!isDeepStrictEqual(own.slice(0, path.length), path)) return []
    const block = text.slice(from, headers[index + 1]?.from)
    return [{ from, to: from + block.length - tailOf(block) }]
  })
  if (parts.length === 0 && path.reduce<unknown>(step, read(text)) !== undefined) {
    throw new Unreadable(`has "${path.join('.')}" in another form than a table of its own`)
  }
  return parts
}

const step = (inner: unknown, key: string): unknown => (inner as Record<string, unknown> | undefined)?.[key]

/** How long the blank lines and comments at the end of a table are. */
function tailOf(block: string): number {
  const lines = block.split(/(?<=\n)/)
  const last = lines.findLastIndex((line, index) => index === 0 || !/^(#|$)/.test(line.trim()))
  return lines.slice(last + 1).join('').length
}

/** Strings of all four kinds, comments, brackets, line ends, and whatever else stands between them. */
const TOKEN =
  /"""(?:\\[\s\S]|(?!""")[^\\])*"{3,5}|'''(?:(?!''')[\s\S])*'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|[[\]{}\n]|[^"'#[\]{}\n]+/g

interface Header {
  /** Where its line begins. */
  from: number
  path: string[]
}

/** The lines that begin a table, in order. The text has to be TOML. */
function headersIn(text: string): Header[] {
  const headers: Header[] = []
  let depth = 0
  let line = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const begins = depth === 0 && text.slice(line, index).trim() === ''
    if (token === '[' && begins) headers.push({ from: line, path: pathOf(lineAt(text, index)) })
    if (token === '[' || token === '{') depth += 1
    if (token === ']' || token === '}') depth -= 1
    if (token === '\n') line = index + 1
  }
  return headers
}

const lineAt = (text: string, from: number): string => text.slice(from).split(/\r?\n/, 1)[0] ?? ''

/** The names that a header goes down by: `[a."b.c"]` and `[[a."b.c"]]` alike. */
function pathOf(header: string): string[] {
  const path: string[] = []
  for (let at: unknown = read(header); ; ) {
    const [name, inner] = Object.entries(Array.isArray(at) ? at[0] : (at as object))[0] ?? []
    if (name === undefined) return path
    path.push(name)
    at = inner
  }
}
