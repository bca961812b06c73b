/** A strict reader of the pages: it takes the HTML that the template writes and throws on anything looser. */
export interface Tag {
  name: string
  attributes: Record<string, string>
}

export interface Markup {
  tags: Tag[]
  /** Every text, decoded, in order and joined by nothing. */
  text: string
}

const VOID = new Set(['meta', 'link', 'img', 'input', 'br'])
const TOKEN = /<!doctype html>|<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>|([^<>]+)/gy
const ATTRIBUTE = /([a-z-]+)(?:="([^"]*)")?/g

const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

function decode(text: string): string {
  return text.replace(/&([^;&]*;?)/g, (_all, reference: string) => {
    const character = CHARACTERS[reference.replace(/;$/, '')]
    if (!reference.endsWith(';') || character === undefined)
      throw new Error(`A bare ampersand: &${reference}`)
    return character
  })
}

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(ATTRIBUTE)].map(([, name, value]) => [name, decode(value ?? '')]))

/** @throws Error at the first character that is no well-formed tag or text, and at elements left open */
export function readMarkup(page: string): Markup {
  const tags: Tag[] = []
  const open: string[] = []
  let text = ''
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < page.length) {
    const at = TOKEN.lastIndex
    const token = TOKEN.exec(page)
    if (!token) throw new Error(`No HTML of ours: ${page.slice(at, at + 60)}`)
    const [, close, name, attributes, words] = token
    if (words !== undefined) text += decode(words)
    else if (close && open.pop() !== name) throw new Error(`</${name}> closes nothing`)
    else if (name && !close) {
      tags.push({ name, attributes: attributesOf(attributes ?? '') })
      if (!VOID.has(name)) open.push(name)
    }
  }
  if (open.length > 0) throw new Error(`Left open: ${open.join(' ')}`)
  return { tags, text }
}

/** Elements and the names of their attributes: what data must never change. */
export const skeleton = (page: string): string[] =>
  readMarkup(page).tags.map(({ name, attributes }) => [name, ...Object.keys(attributes)].join(' '))
