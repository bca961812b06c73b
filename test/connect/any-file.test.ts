import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { describe, expect, test } from 'vitest'
import { CLIENTS, type Client, type Entry } from '../../src/clients/index.js'
import { documentOf } from '../../src/connect/document.js'

const clientOf = (id: string): Client => CLIENTS.find((one) => one.id === id) as Client
const cursor = clientOf('cursor')
const entry = cursor.http('https://crm.example.com/api/mcp')

/** A piece of white space with a comment in it, or not. */
const gap = fc.constantFrom('', ' ', '\n', '\n\t', '\r\n  ', ' /* a */ ', ' // b, }\n', '\n  /* { */\n  ')
const scalar = fc.oneof(
  fc.constantFrom('null', 'true', '1e400', '-0', '12345678901234567890', '""', '"a//b"', '"\\u007d"'),
  fc.string().map((text) => JSON.stringify(text)),
)
const key = fc.oneof(
  fc.constantFrom('mcpServers ', 'mcp', 'zuko', '', 'é'),
  fc.string({ minLength: 1, maxLength: 5 }),
)

/** An object written in some way, of properties that have names of their own. */
const objectOf = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .record({
      properties: fc.uniqueArray(fc.record({ key, value }), {
        selector: (one) => one.key,
        maxLength: 4,
      }),
      gaps: fc.array(gap, { minLength: 12, maxLength: 12 }),
      trailing: fc.boolean(),
    })
    .map(({ properties, gaps, trailing }) => {
      const at = (index: number) => gaps[index % gaps.length] ?? ''
      const parts = properties.map(
        (one, index) =>
          `${at(index)}${JSON.stringify(one.key)}${at(index + 3)}:${at(index + 5)}${one.value}${at(index + 7)}`,
      )
      return `{${parts.join(',')}${trailing && parts.length > 0 ? ',' : ''}${at(11)}}`
    })

const value = fc.oneof(
  scalar,
  objectOf(scalar),
  fc.array(scalar, { maxLength: 3 }).map((all) => `[${all.join(', ')}]`),
)

/** A whole file, with other servers in it or without the key. */
const file = fc
  .record({
    before: gap,
    top: objectOf(value),
    servers: fc.option(objectOf(objectOf(scalar))),
    after: gap,
  })
  .map(({ before, top, servers, after }) => {
    const inner = top.slice(1)
    const joint = /^\s*}$/.test(inner) || Object.keys(parse(top) as object).length === 0 ? '' : ','
    return `${before}{${servers === null ? '' : `"mcpServers": ${servers}${joint}`}${inner}${after}`
  })

const comments = (text: string) => text.match(/\/\*.*?\*\/|\/\/ b, }/g) ?? []

/** What is in a file besides the entry, as a parser of its own sees it. */
function others(text: string): unknown {
  const { mcpServers = {}, ...rest } = parse(text.replace(/^\ufeff/, '')) as Record<string, object>
  return { ...rest, mcpServers: Object.entries(mcpServers).filter(([name]) => name !== 'zuko-crm') }
}

describe('any JSON with comments', () => {
  test('keeps every other key and every comment, there and back', () => {
    fc.assert(
      fc.property(file, (text) => {
        const after = documentOf(cursor, text, 'f').with('zuko-crm', entry)
        expect(others(after)).toEqual(others(text))
        expect(comments(after)).toEqual(comments(text))
        const back = documentOf(cursor, after, 'f').without('zuko-crm')
        expect(others(back)).toEqual(others(text))
        expect(comments(back)).toEqual(comments(text))
      }),
      { numRuns: 500 },
    )
  })

  test('is strict JSON still where it was', () => {
    const name = fc.string().filter((text) => text !== '__proto__')
    const json = fc.dictionary(name, fc.integer(), { noNullPrototype: true })
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2, '\t'), (value, space) => {
        const servers = { docs: { url: 'https://docs.example.com/mcp' } }
        const before = { ...value, mcpServers: servers }
        const after = documentOf(cursor, JSON.stringify(before, null, space), 'f').with('zuko', entry)
        expect(JSON.parse(after)).toEqual({ ...before, mcpServers: { ...servers, zuko: entry } })
        const back = documentOf(cursor, after, 'f').without('zuko')
        expect(back).toBe(JSON.stringify(before, null, space))
      }),
      { numRuns: 200 },
    )
  })
})

describe('any TOML', () => {
  const codex = clientOf('codex')
  const line = fc.constantFrom(
    '# [mcp_servers.zuko]',
    '[mcp_servers.docs]',
    '[[hooks]]',
    'text = """\n[mcp_servers.zuko]\n# not a comment\n"""',
    "raw = '''\n[x]'''",
    'list = [\n  ["[a]"], # [b]\n  []\n]',
    'when = 2026-11-22T10:00:00Z',
    'big = 9223372036854775807',
    '',
    '[a."b.c"]',
    'inline = { a = [1, 2], b = "}" }',
  )
  const table: Entry = { url: 'https://crm.example.com/api/mcp' }

  test('keeps every byte of what it had, there and back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(line, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'), (lines, end) => {
        const text = lines.map((one) => one.replaceAll('\n', end) + end).join('')
        const after = documentOf(codex, text, 'f').with('zuko', table)
        expect(after.startsWith(text.trim() === '' ? '' : text)).toBe(true)
        expect(documentOf(codex, after, 'f').without('zuko')).toBe(text.trim() === '' ? '' : text)
      }),
      { numRuns: 300 },
    )
  })
})
