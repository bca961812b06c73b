const ECHOED = 40

export const isObject = (value: unknown): value is object => value !== null && typeof value === 'object'

/** A received value in a few characters; anything that could be long or deep by its kind alone. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > ECHOED ? `a text of ${value.length} characters` : JSON.stringify(value)
  }
  if (Array.isArray(value)) return 'an array'
  return isObject(value) ? 'an object' : String(value)
}

/** The beginning of an argument's name, in quotes. */
export const quoted = (name: string): string => JSON.stringify(name.slice(0, ECHOED))

/** A word without what hosts and models change about it: case, hyphens, underscores, spaces. */
export const folded = (word: string): string => word.toLowerCase().replace(/[-_\s]/g, '')
