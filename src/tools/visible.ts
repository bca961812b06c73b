/**
 * What people wrote, as a model may read it. Text from outside can hide instructions in characters that nobody
 * sees (tag characters, zero-width and bidirectional controls, variation selectors); they are written out as
 * `\u{200B}`, never dropped. What is stored stays as it is.
 */
import type { JsonValue } from '../store/types.js'

/** Scripts whose spelling needs ZWJ and ZWNJ between letters (Unicode 17 chapter 23.2, UAX 31 section 2.3). */
const JOINING = [
  ...['Arab', 'Syrc', 'Nkoo', 'Mong', 'Beng', 'Deva', 'Gujr', 'Guru', 'Knda', 'Mlym', 'Orya', 'Sinh'],
  ...['Taml', 'Telu', 'Khmr', 'Mymr', 'Tibt'],
]
const joiningLetter = `(?=[\\p{L}\\p{M}])[${JOINING.map((script) => `\\p{scx=${script}}`).join('')}]`

/** England, Scotland, Wales: the only flags of regions in general use (UTS 51, RGI emoji tag sequences). */
const REGIONS = ['gbeng', 'gbsct', 'gbwls']
const inTags = (letters: string): string =>
  [...letters].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')

/** Characters that are invisible and yet part of how a person sees a text: each only where it does that. */
const NEEDED = [
  '(?<=\\p{ExtPict}\\uFE0F?\\p{EMod}?)\\u200D(?=\\p{ExtPict})',
  '(?<=\\p{ExtPict})[\\uFE0E\\uFE0F]',
  '(?<=[#*0-9])\\uFE0F(?=\\u20E3)',
  `(?<=\\u{1F3F4})(?:${REGIONS.map(inTags).join('|')})\\u{E007F}`,
  '(?<=\\p{Unified_Ideograph})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
  '(?<=\\p{Script=Mongolian})[\\u180B-\\u180D\\u180F]',
  `(?<=${joiningLetter})[\\u200C\\u200D]`,
]

/** Controls but tab and line breaks, all that Unicode calls ignorable, and interlinear annotation. */
const UNSEEN = '[\\p{DI}\\uFFF9-\\uFFFB]|(?![\\t\\n\\r])\\p{Cc}'
const UNSEEN_UNLESS_NEEDED = new RegExp(`${NEEDED.join('|')}|(?<unseen>${UNSEEN})`, 'gu')
const PLAIN = /^[\t\n\r -~]*$/
const [NOT_ASCII, ESCAPED_CONTROL] = [/[^ -~]/, /\\[ubf]/]

const writtenOut = (character: string): string =>
  `\\u{${character.codePointAt(0)?.toString(16).toUpperCase()}}`

/** A text in which every character can be seen. */
export function visibleText(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(UNSEEN_UNLESS_NEEDED, (match, unseen) =>
    unseen === undefined ? match : writtenOut(unseen),
  )
}

/**
 * Whether JSON text, as `JSON.stringify` writes it, surely shows every character of its value: no is answered for
 * much that can be seen as well.
 */
export const isAllVisible = (json: string): boolean => !NOT_ASCII.test(json) && !ESCAPED_CONTROL.test(json)

/** A key that no other key of its object has come to look like. */
const unlike = (key: string, taken: ReadonlyMap<string, unknown>): string =>
  taken.has(key) ? unlike(`${key} (${taken.size})`, taken) : key

/** A JSON value whose texts and keys can all be seen; the very same value when they could before. */
export function visible<T>(value: T): T
export function visible(value: JsonValue): JsonValue {
  if (typeof value === 'string') return visibleText(value)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    const items = value.map((item) => visible(item))
    return items.some((item, index) => !Object.is(item, value[index])) ? items : value
  }
  const shown = new Map<string, JsonValue>()
  let same = true
  for (const [key, member] of Object.entries(value)) {
    const name = unlike(visibleText(key), shown)
    shown.set(name, visible(member))
    same &&= name === key && Object.is(shown.get(name), member)
  }
  return same ? value : Object.fromEntries(shown)
}
