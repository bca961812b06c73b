/**
 * What hosts are known to do to a model's arguments, undone where only one meaning is left: everything as
 * text, an enum's word in another case, `null` or an empty text for what was not given, names in another case, a
 * wrapper around the whole. Each repair is told. What could mean two things stays for the tool to refuse.
 */
import type { JsonValue } from '../store/types.js'
import type { Tool } from './define.js'
import type { Kind, Kinds } from './kinds.js'
import { folded, isObject, quoted, shown } from './shown.js'
import { spelledJson } from './spelled.js'

/** One argument that was read otherwise than it came. */
export interface Repair {
  told: string
  /** What would have been right, where a name was wrong: the rest of the call may have to be sent again. */
  right?: string
  /** Set where text became a JSON value. */
  text?: { field: string; given: string }
}

export interface Repaired {
  args: unknown
  repairs: Repair[]
}

/** A value in place of the one that came; `undefined` leaves the argument out. */
interface Reading {
  value: unknown
}

const integer = (value: unknown): Reading | undefined =>
  typeof value === 'string' && /^\s*[1-9]\d{0,9}\s*$/.test(value) ? { value: Number(value) } : undefined

function word(value: unknown, words: readonly string[]): Reading | undefined {
  if (typeof value !== 'string' || value.length > 40) return undefined
  const same = words.find((one) => folded(one) === folded(value))
  return same === undefined || same === value ? undefined : { value: same }
}

/** `2026-01-31 17:00:00+0000` as RFC 3339 section 5.6 and Python's str() have it. */
function time(value: unknown): Reading | undefined {
  if (typeof value !== 'string') return undefined
  const found = /^\s*(\d{4}-\d\d-\d\d)[ Tt](\d\d:\d\d[\d:.]*) ?([Zz]|[+-]\d\d:?\d\d)\s*$/.exec(value)
  if (!found) return undefined
  const [, day, clock, zone = ''] = found
  const read = `${day}T${clock}${zone.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`
  return read === value ? undefined : { value: read }
}

function json(value: unknown): Reading | undefined {
  const spelled = typeof value === 'string' ? spelledJson(value) : undefined
  return spelled === undefined ? undefined : { value: spelled }
}

/** A person's id is one of the things that `assignee` takes; another number may have been text with zeros. */
const text = (name: string, value: unknown): Reading | undefined =>
  name === 'assignee' && Number.isSafeInteger(value) ? { value: String(value) } : undefined

/** Nothing given for what may be left out. An update that clears fields could mean another thing by it. */
function nothing(kind: Kind, value: unknown, tool: Tool): Reading | undefined {
  if (kind.of === 'json' || kind.required || tool.annotations.destructiveHint) return undefined
  return value === '' || (value === null && !kind.nullable) ? { value: undefined } : undefined
}

function reading(name: string, kind: Kind, value: unknown, tool: Tool): Reading | undefined {
  if (value === null || value === '') return nothing(kind, value, tool)
  if (value === 'null' && kind.nullable && kind.of !== 'json') return { value: null }
  if (kind.of === 'integer') return integer(value)
  if (kind.of === 'word') return word(value, kind.words)
  if (kind.of === 'time') return time(value)
  return kind.of === 'json' ? json(value) : text(name, value)
}

function told(name: string, given: unknown, { value }: Reading): Repair {
  if (typeof given === 'string' && isObject(value)) {
    const what = Array.isArray(value) ? 'array' : 'object'
    const words = `${name} was text that spells a JSON ${what} and is stored as that ${what}; text in a Markdown code fence stays text.`
    return { told: words, text: { field: name, given } }
  }
  const read = value === undefined ? 'not given' : JSON.stringify(value)
  return { told: `${name} was given as ${shown(given)} and read as ${read}.` }
}

/** The argument that a name stands for: itself, or the only one that differs in case, `-` and `_` alone. */
function nameOf(name: string, kinds: Kinds, given: object): string {
  if (kinds.has(name)) return name
  const same = [...kinds.keys()].find((one) => folded(one) === folded(name))
  return same === undefined || Object.hasOwn(given, same) ? name : same
}

/** The arguments inside a wrapper: one unknown name around an object, or its JSON text, of known names. */
function inside(args: object, kinds: Kinds): { name: string; args: object } | undefined {
  const [[name, value] = ['', undefined], ...others] = Object.entries(args)
  if (others.length > 0 || nameOf(name, kinds, {}) !== name || kinds.has(name)) return undefined
  const within = value === null ? {} : typeof value === 'string' ? spelledJson(value) : value
  if (!isObject(within) || Array.isArray(within)) return undefined
  const known = Object.keys(within).every((key) => kinds.has(nameOf(key, kinds, {})))
  return known ? { name, args: within } : undefined
}

const unwrapped = (name: string): Repair => ({
  told: `The arguments were inside ${quoted(name)}.`,
  right: `pass what is inside ${quoted(name)} as arguments of their own`,
})

const renamed = (from: string, to: string): Repair => ({
  told: `${quoted(from)} was read as ${to}.`,
  right: `use "${to}" instead of ${quoted(from)}`,
})

/** The arguments as they were meant, and what was done to them; the very same where nothing was. */
export function repair(tool: Tool, given: unknown): Repaired {
  if (!isObject(given) || Array.isArray(given)) return { args: given, repairs: [] }
  const wrapped = inside(given, tool.kinds)
  const args = (wrapped?.args ?? given) as Record<string, JsonValue>
  const repairs: Repair[] = wrapped ? [unwrapped(wrapped.name)] : []
  const entries = Object.entries(args).flatMap(([key, value]) => {
    const name = nameOf(key, tool.kinds, args)
    if (name !== key) repairs.push(renamed(key, name))
    const kind = tool.kinds.get(name)
    const read = kind && reading(name, kind, value, tool)
    if (read) repairs.push(told(name, value, read))
    return read?.value === undefined && read ? [] : [[name, read ? read.value : value] as const]
  })
  return repairs.length === 0 ? { args: given, repairs } : { args: Object.fromEntries(entries), repairs }
}
