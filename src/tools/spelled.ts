import type { JsonValue } from '../store/types.js'
import { MAX_BYTES } from './json.js'
import { isObject } from './shown.js'

/** Texts of JSON one by one, and the space between the others. */
const TEXT_OR_SPACE = /"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g

/** JSON text without its layout, each text in the one spelling of JSON.stringify. */
const plain = (text: string): string =>
  text.replace(TEXT_OR_SPACE, (found) => (found.startsWith('"') ? JSON.stringify(JSON.parse(found)) : ''))

/**
 * The object or array that a text spells in JSON, where nothing of it is lost: written again it is the same
 * text, but for layout and escapes. Undefined for any other text, such as one with a key twice or a number
 * that has more digits than a double.
 */
export function spelledJson(text: string): JsonValue | undefined {
  if (text.length > 2 * MAX_BYTES || !/^\s*[[{]/.test(text)) return undefined
  try {
    const value = JSON.parse(text) as JsonValue
    return isObject(value) && JSON.stringify(value) === plain(text) ? value : undefined
  } catch {
    return undefined
  }
}
