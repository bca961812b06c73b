import jsonc, { type Node, type ParseError } from 'jsonc-parser'
import { lineOf, Unreadable } from './language.js'

/** A property of an object: the places of its name and its value. */
export interface Property {
  node: Node
  value: Node
}

/** A piece of a text that is more than white space. */
export interface Token {
  kind: 'comma' | 'comment' | 'other'
  from: number
  to: number
}

const START = { allowTrailingComma: true, disallowComments: false }

/** Numbers of jsonc-parser's SyntaxKind, which it declares but does not export as a value to every loader. */
const COMMA = 5
const COMMENTS: readonly number[] = [12, 13]
const WHITE_SPACE: readonly number[] = [14, 15]
const END = 17

/** Everything between two places but white space, in order. */
export function tokensIn(text: string, from = 0, to = text.length): Token[] {
  const scanner = jsonc.createScanner(text.slice(from, to))
  const tokens: Token[] = []
  for (let kind: number = scanner.scan(); kind !== END; kind = scanner.scan()) {
    if (WHITE_SPACE.includes(kind)) continue
    const start = from + scanner.getTokenOffset()
    tokens.push({
      kind: kind === COMMA ? 'comma' : COMMENTS.includes(kind) ? 'comment' : 'other',
      from: start,
      to: start + scanner.getTokenLength(),
    })
  }
  return tokens
}

/**
 * The object that a text holds; undefined where it holds nothing but white space and comments.
 * @throws Unreadable for anything else
 */
export function objectIn(text: string): Node | undefined {
  if (tokensIn(text).every(({ kind }) => kind === 'comment')) return undefined
  const errors: ParseError[] = []
  const root = jsonc.parseTree(text, errors, START)
  const [error] = errors
  if (error) {
    const what = jsonc.printParseErrorCode(error.error)
    throw new Unreadable(`is not JSON: ${what} on line ${lineOf(text, error.offset)}`)
  }
  if (root?.type !== 'object') throw new Unreadable('holds no JSON object')
  return root
}

/** The value of an object as JSON.parse would give it. */
export const plainValue = (node: Node): Record<string, unknown> => jsonc.getNodeValue(node)

/**
 * A property of an object, by its name.
 * @throws Unreadable where the object has the name twice: clients differ in which of them they read
 */
export function propertyOf({ children = [] }: Node, name: string): Property | undefined {
  const [first, second] = children.filter(({ children: [key] = [] }) => key?.value === name)
  if (second) throw new Unreadable(`has "${name}" twice`)
  const value = first?.children?.[1]
  return first && value && { node: first, value }
}
