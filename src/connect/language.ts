import type { Entry } from '../clients/index.js'

/** What a language of configuration files has to be able to do. All of it throws `Unreadable` for what is not it. */
export interface Language {
  /** The value of a whole text; an empty text is an empty object. */
  read(text: string): Record<string, unknown>
  /** The text with an entry at a path, in the place of what is there; everything else as it was. */
  put(text: string, path: readonly string[], entry: Entry): string
  /** The text without what is at a path. */
  drop(text: string, path: readonly string[]): string
}

/** A text that cannot be read or changed; the message ends a sentence that begins with the name of the file. */
export class Unreadable extends Error {}

/** The number of the line that a place in a text is on, from 1. */
export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length

/** How the lines of a text end. */
export const endOfLine = (text: string): string => (/^[^\n]*\r\n/.test(text) ? '\r\n' : '\n')

/** A text with some of its parts replaced, none of which overlap; what is put in one place stands in the order given. */
export const edited = (text: string, edits: readonly Edit[]): string =>
  [...edits]
    .reverse()
    .sort((a, b) => b.from - a.from)
    .reduce((rest, { from, to, put = '' }) => rest.slice(0, from) + put + rest.slice(to), text)

export interface Edit {
  from: number
  to: number
  put?: string
}
