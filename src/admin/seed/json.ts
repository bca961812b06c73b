/** Reads JSON (RFC 8259) and remembers the line of what it read; refuses names that stand twice in one object. */

/** Deeper than any record may be nested, and far from the end of the stack. */
const MAX_DEPTH = 64
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y
/** A string without an escape in it, as almost all are; control characters have to be escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON does not allow as they are
const PLAIN = /"([^"\\\u0000-\u001f]*)"/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON does not allow as they are
const ESCAPED = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y
const WORDS: [string, boolean | null][] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

/** What is wrong with a text as JSON, and in which of its lines, counted from 1. */
export class JsonProblem extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message)
  }
}

/** Where the values of an object or array begin: by its names or places, and by '' for itself. */
export type Lines = Map<object, Record<string, number>>

export interface LocatedJson {
  value: unknown
  lines: Lines
}

/** Where reading is. */
class Cursor {
  readonly lines: Lines = new Map()
  at = 0
  #newline: number

  constructor(
    readonly text: string,
    private line: number,
  ) {
    this.#newline = text.indexOf('\n')
  }

  /** The line of where reading is; it never goes back. */
  here(): number {
    while (this.#newline !== -1 && this.#newline < this.at) {
      this.line += 1
      this.#newline = this.text.indexOf('\n', this.#newline + 1)
    }
    return this.line
  }

  wrong(message: string): JsonProblem {
    return new JsonProblem(message, this.here())
  }

  /** Goes on behind what matches here, and answers its first group or all of it. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (!found) return undefined
    this.at = pattern.lastIndex
    return found[1] ?? found[0]
  }

  /** Goes on behind a sign and the space around it; answers whether it was there. */
  took(sign: string): boolean {
    this.match(SPACE)
    if (this.text[this.at] !== sign) return false
    this.at += 1
    this.match(SPACE)
    return true
  }
}

function readString(cursor: Cursor): string {
  const plain = cursor.match(PLAIN)
  if (plain !== undefined) return plain
  const begin = cursor.at
  const escaped = cursor.match(ESCAPED)
  try {
    if (escaped !== undefined) return JSON.parse(escaped) as string
  } catch {
    cursor.at = begin
  }
  throw cursor.wrong('there is a text that does not end or has a character that has to be escaped')
}

function readObject(cursor: Cursor, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  const places: Record<string, number> = Object.assign(Object.create(null), { '': cursor.here() })
  cursor.at += 1
  for (let first = true; !cursor.took('}'); first = false) {
    if (!first && !cursor.took(',')) throw cursor.wrong('a comma or a closing brace is missing')
    if (cursor.text[cursor.at] !== '"') throw cursor.wrong('a name in double quotes is missing')
    const name = readString(cursor)
    if (Object.hasOwn(value, name)) {
      throw cursor.wrong(`the name ${JSON.stringify(name)} stands twice in one object`)
    }
    if (!cursor.took(':')) throw cursor.wrong(`a colon is missing behind ${JSON.stringify(name)}`)
    places[name] = cursor.here()
    // Defined, not assigned: "__proto__" is a name like any other.
    const item = readValue(cursor, depth + 1)
    Object.defineProperty(value, name, { value: item, enumerable: true, configurable: true, writable: true })
  }
  cursor.lines.set(value, places)
  return value
}

function readArray(cursor: Cursor, depth: number): unknown[] {
  const values: unknown[] = []
  const places: Record<string, number> = { '': cursor.here() }
  cursor.at += 1
  for (let first = true; !cursor.took(']'); first = false) {
    if (!first && !cursor.took(',')) throw cursor.wrong('a comma or a closing bracket is missing')
    places[values.length] = cursor.here()
    values.push(readValue(cursor, depth + 1))
  }
  cursor.lines.set(values, places)
  return values
}

function readValue(cursor: Cursor, depth: number): unknown {
  if (depth > MAX_DEPTH) throw cursor.wrong(`there are more than ${MAX_DEPTH} levels`)
  const sign = cursor.text[cursor.at]
  if (sign === '{') return readObject(cursor, depth)
  if (sign === '[') return readArray(cursor, depth)
  if (sign === '"') return readString(cursor)
  const number = cursor.match(NUMBER)
  if (number !== undefined) return Number(number)
  const word = WORDS.find(([name]) => cursor.text.startsWith(name, cursor.at))
  if (word) {
    cursor.at += word[0].length
    return word[1]
  }
  throw cursor.wrong(
    cursor.at >= cursor.text.length ? 'it ends too early' : 'there is something that is not JSON',
  )
}

/** @throws JsonProblem with the first thing that is wrong */
export function parseJson(text: string, firstLine = 1): LocatedJson {
  const cursor = new Cursor(text, firstLine)
  cursor.match(SPACE)
  const value = readValue(cursor, 0)
  cursor.match(SPACE)
  if (cursor.at < text.length) throw cursor.wrong('something stands behind the end')
  return { value, lines: cursor.lines }
}
