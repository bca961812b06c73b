import { isDeepStrictEqual } from 'node:util'
import type { Client, Entry } from '../clients/index.js'
import { ZukoError } from '../errors.js'
import { jsonLanguage } from './json.js'
import { type Language, Unreadable } from './language.js'
import { tomlLanguage } from './toml.js'

const LANGUAGES: Record<Client['format'], Language> = { json: jsonLanguage, toml: tomlLanguage }

/** A client's file as text, and what may be done to it. Byte order mark and line ends stay as they are. */
export interface Document {
  /** What stands under a name among the servers. */
  entry(name: string): unknown
  with(name: string, entry: Entry): string
  without(name: string): string
}

/**
 * Reads a file's text as that of a client. Every change is read back and compared: one that would touch anything
 * but the entry is refused.
 * @throws ZukoError FAILED that names the file, and the line where there is one
 */
export function documentOf(client: Client, text: string, file: string): Document {
  const { read, put, drop } = LANGUAGES[client.format]
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const body = text.slice(mark.length)
  const checked = <T>(work: () => T): T => readable(file, work)
  // The parsers' objects have prototypes of their own, which would make equal values differ.
  const plain = (whole: string) => structuredClone(checked(() => read(whole)))
  const before = plain(body)
  const pathOf = (name: string) => [...serversKey(client, before), name]
  const proved = (name: string, after: string, entry: Entry | undefined) => {
    const value = plain(after)
    const path = pathOf(name)
    const same = isDeepStrictEqual(bare(value, path), bare(before, path))
    if (same && isDeepStrictEqual(at(value, path), entry)) return mark + after
    throw new ZukoError(
      'FAILED',
      `${file} is written in a way that "${path.join('.')}" cannot be changed in.`,
      {
        fix: 'change it by hand; --print shows what belongs there',
      },
    )
  }
  return {
    entry: (name) => at(before, pathOf(name)),
    with: (name, entry) =>
      proved(
        name,
        checked(() => put(body, pathOf(name), entry)),
        entry,
      ),
    without: (name) =>
      proved(
        name,
        checked(() => drop(body, pathOf(name))),
        undefined,
      ),
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stands at the end of a path; undefined where the path ends before. */
const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (isObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
    value,
  )

function serversKey({ key, newerKey }: Client, value: unknown): readonly string[] {
  return newerKey && isObject(at(value, newerKey)) ? newerKey : key
}

/** A value without what is at a path, and without the objects on the way that hold nothing else. */
function bare(value: unknown, [key, ...below]: readonly string[]): unknown {
  if (key === undefined || !isObject(value) || !Object.hasOwn(value, key)) return value
  const { [key]: inner, ...others } = value
  const rest = below.length > 0 ? bare(inner, below) : undefined
  return rest === undefined || (isObject(rest) && Object.keys(rest).length === 0)
    ? others
    : { ...others, [key]: rest }
}

function readable<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause
    throw new ZukoError('FAILED', `${file} ${cause.message}.`, {
      fix: 'correct it by hand and run this again; nothing was changed',
      cause,
    })
  }
}
