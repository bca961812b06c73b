import type { Node } from 'jsonc-parser'
import type { Entry } from '../clients/index.js'
import { objectIn, plainValue, propertyOf, type Token, tokensIn } from './json-tree.js'
import { type Edit, edited, endOfLine, type Language, Unreadable } from './language.js'

/** JSON as editors read it: comments and trailing commas are allowed, and stay. */
export const jsonLanguage: Language = {
  read: (text) => {
    const root = objectIn(text)
    return root ? plainValue(root) : {}
  },
  put,
  drop,
}

const nested = (path: readonly string[], entry: Entry): unknown =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), entry)

function put(text: string, path: readonly string[], entry: Entry): string {
  const root = objectIn(text)
  if (!root) return newDocument(text, nested(path, entry))
  let object = root
  for (const [depth, key] of path.entries()) {
    const property = propertyOf(object, key)
    const below = path.slice(depth + 1)
    if (!property) return edited(text, addition(text, root, object, key, nested(below, entry)))
    if (below.length === 0) return edited(text, [replacement(text, root, property.value, entry)])
    if (property.value.type !== 'object') throw new Unreadable(`has "${key}", which is not an object`)
    object = property.value
  }
  return text
}

function newDocument(text: string, value: unknown): string {
  const end = endOfLine(text)
  const comments = text.trim() === '' ? '' : text.endsWith('\n') ? text : text + end
  return `${comments}${JSON.stringify(value, null, 2).replaceAll('\n', end)}${end}`
}

/** White space at the start of the line that a place is on. */
const indentAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? ''

const startsLine = (text: string, offset: number): boolean =>
  text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim() === ''

/** One step of indentation, as the top of the file has it. */
function stepOf(text: string, { children: [first] = [] }: Node): string {
  return first && text.slice(0, first.offset).includes('\n') && startsLine(text, first.offset)
    ? indentAt(text, first.offset) || '  '
    : '  '
}

const pretty = (text: string, root: Node, value: unknown, indent: string): string =>
  JSON.stringify(value, null, stepOf(text, root)).replaceAll('\n', endOfLine(text) + indent)

const endOf = ({ offset, length }: Node): number => offset + length

/** A new last property of an object: after everything else in it, comments too, and the comma where it belongs. */
function addition(text: string, root: Node, object: Node, key: string, value: unknown): Edit[] {
  const { children = [] } = object
  const [first] = children
  const last = children.at(-1)
  const inside = tokensIn(text, object.offset + 1, endOf(object) - 1)
  const trailing = inside.filter(({ kind }) => kind !== 'comment').at(-1)?.kind === 'comma'
  const edits: Edit[] = last && !trailing ? [{ from: endOf(last), to: endOf(last), put: ',' }] : []
  const place = inside.at(-1)?.to ?? object.offset + 1
  if (staysOnItsLine(text, root, object)) {
    const property = `${JSON.stringify(key)}: ${JSON.stringify(value)}${trailing ? ',' : ''}`
    return [...edits, { from: place, to: place, put: first ? ` ${property}` : property }]
  }
  const outer = indentAt(text, object.offset)
  const indent =
    first && startsLine(text, first.offset) ? indentAt(text, first.offset) : outer + stepOf(text, root)
  const end = endOfLine(text)
  const property = `${JSON.stringify(key)}: ${pretty(text, root, value, indent)}${trailing ? ',' : ''}`
  const closing = text.slice(place, endOf(object)).includes('\n') ? '' : end + outer
  return [...edits, { from: place, to: place, put: end + indent + property + closing }]
}

/** An object on one line grows on it, unless it is empty and the file has many. */
function staysOnItsLine(text: string, root: Node, object: Node): boolean {
  if (text.slice(object.offset, endOf(object)).includes('\n')) return false
  return object.children?.length !== 0 || (object !== root && !text.trim().includes('\n'))
}

function replacement(text: string, root: Node, value: Node, entry: Entry): Edit {
  const before = text.slice(value.offset, endOf(value))
  const put = before.includes('\n')
    ? pretty(text, root, entry, indentAt(text, value.offset))
    : JSON.stringify(entry)
  return { from: value.offset, to: endOf(value), put }
}

function drop(text: string, path: readonly string[]): string {
  let object = objectIn(text)
  for (const key of path.slice(0, -1)) object = object && propertyOf(object, key)?.value
  const property = object && propertyOf(object, path.at(-1) ?? '')?.node
  return object && property ? edited(text, removal(text, object, property)) : text
}

/** Takes a property out with its own comma, or where it was the last with the one before it; comments stay. */
function removal(text: string, object: Node, property: Node): Edit[] {
  const isComma = ({ kind }: Token) => kind === 'comma'
  const solid = tokensIn(text, object.offset + 1, endOf(object) - 1).filter(({ kind }) => kind !== 'comment')
  const next = solid.find(({ from }) => from >= endOf(property))
  const before = solid.filter(({ to }) => to <= property.offset).at(-1)
  const to = next && isComma(next) ? next.to : endOf(property)
  const orphan =
    !(next && isComma(next)) && before && isComma(before) ? [{ from: before.from, to: before.to }] : []
  return [...orphan, wholeLines(text, property.offset, to)]
}

/** The lines that a part fills, or else the part with the white space before it. */
function wholeLines(text: string, from: number, to: number): Edit {
  const lineEnd = /^[ \t]*(\r?\n|$)/.exec(text.slice(to))
  if (lineEnd && startsLine(text, from)) {
    return { from: text.lastIndexOf('\n', from - 1) + 1, to: to + lineEnd[0].length }
  }
  let start = from
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start--
  return { from: start, to }
}
