/** Texts that no tokenizer has words for: characters at random, the same ones each time. */
import { numbers } from '../scale/random.js'

/** So many characters of these ranges of code points. */
function drawn(length: number, ...ranges: readonly (readonly [from: number, to: number])[]): string {
  const all = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at))
  const random = numbers(length)
  const one = () => String.fromCodePoint(all[Math.floor(random() * all.length)] as number)
  return Array.from({ length }, one).join('')
}

/** A text of so many characters that are drawn from those of `from`. */
export function anyOf(from: string, length: number): string {
  const random = numbers(length)
  return Array.from({ length }, () => from[Math.floor(random() * from.length)]).join('')
}

const [DIGITS, UPPER, LOWER] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x61, 0x7a],
] as const

export const SCRIPTS: Record<string, (length: number) => string> = {
  base64: (length) => drawn(length, DIGITS, UPPER, LOWER),
  hexadecimal: (length) => drawn(length, DIGITS, [0x61, 0x66]),
  'small letters': (length) => drawn(length, LOWER),
  'capital letters': (length) => drawn(length, UPPER),
  digits: (length) => drawn(length, DIGITS),
  ASCII: (length) => drawn(length, [0x21, 0x7e]),
  'Latin with accents': (length) => drawn(length, [0xc0, 0x17f]),
  Greek: (length) => drawn(length, [0x391, 0x3a1], [0x3b1, 0x3c9]),
  Cyrillic: (length) => drawn(length, [0x410, 0x44f]),
  Hebrew: (length) => drawn(length, [0x5d0, 0x5ea]),
  Arabic: (length) => drawn(length, [0x621, 0x63a]),
  Devanagari: (length) => drawn(length, [0x905, 0x939]),
  Thai: (length) => drawn(length, [0xe01, 0xe2e]),
  'Chinese characters': (length) => drawn(length, [0x4e00, 0x9fa5]),
  Hiragana: (length) => drawn(length, [0x3041, 0x3096]),
  Hangul: (length) => drawn(length, [0xac00, 0xd7a3]),
  Yi: (length) => drawn(length, [0xa000, 0xa48c]),
  emoji: (length) => drawn(length, [0x1f300, 0x1f64f], [0x1f900, 0x1f9ff]),
  'rare characters': (length) => drawn(length, [0x20000, 0x2a6df]),
  'characters nobody sees': (length) => drawn(length, [0x200b, 0x200f], [0xe0041, 0xe005a]),
}
