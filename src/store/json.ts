import type { JsonValue } from './types.js'

/** JSON text that reads back as exactly the same value; JSON.stringify alone would turn -0 into 0. */
export function jsonText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`)
    return `{${members.join(',')}}`
  }
  return Object.is(value, -0) ? '-0' : JSON.stringify(value)
}
