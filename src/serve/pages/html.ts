/** What a hole of the `html` template takes. `false`, null and undefined show nothing. */
export type Content = Html | string | number | false | null | undefined | readonly Content[]

class Markup {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  toString(): string {
    return this.#text
  }
}

/** Markup that is safe to send. Only the `html` template makes it. */
export type Html = Markup

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')

function render(value: Content): string {
  if (value instanceof Markup) return value.toString()
  if (Array.isArray(value)) return value.map(render).join('')
  if (value === undefined || value === null || value === false) return ''
  return escaped(String(value))
}

/** @throws TypeError when the template leaves an attribute unquoted: escaping would not hold there */
function hole(before: string, value: Content): string {
  if (/=\s*$/.test(before)) throw new TypeError(`The attribute "${before.trimEnd()}" needs quotes.`)
  return render(value)
}

/** Markup from a template that escapes by default: text, quotes included; `Html` and arrays pass through. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Html {
  const parts = strings.map((text, i) => text + (i < values.length ? hole(text, values[i]) : ''))
  return new Markup(parts.join(''))
}

/** Invisible by design, harmless, and part of ordinary names: joiners, variation selectors, soft hyphens. */
const JOINERS = /\u00ad|\u200c|\u200d|[\ufe00-\ufe0f]/gu
/** Controls, bidi marks, fillers, private use, lone surrogates: they hide or reorder what stands beside them. */
const INVISIBLE = /[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu
/** More marks on one letter than any script needs would cover the lines above and below. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu

/**
 * Text that somebody else chose, made inert for one line: white space is one space, joiners go, every other
 * invisible character is shown as U+FFFD, and what is over `max` code points is cut with an ellipsis.
 */
export function plain(text: string, max: number): string {
  const visible = text
    .replace(/\s+/gu, ' ')
    .replace(JOINERS, '')
    .replace(INVISIBLE, '\ufffd')
    .replace(STACKED_MARKS, '$1')
    .trim()
  const characters = Array.from(visible)
  return characters.length <= max ? visible : `${characters.slice(0, max - 1).join('')}…`
}

/** `plain` text that cannot turn the reading direction of the sentence around it. */
export const quoted = (text: string, max: number): Html => html`<bdi>${plain(text, max)}</bdi>`
