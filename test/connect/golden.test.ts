import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { CLIENTS, type Client } from '../../src/clients/index.js'
import { entryOf } from '../../src/clients/snippet.js'
import { documentOf } from '../../src/connect/document.js'

const URL_OF_SERVER = 'https://crm.example.com/api/mcp'
const golden = (name: string) => readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')
const read = (client: Client, text: string) => documentOf(client, text, `the file of ${client.name}`)

/**
 * Files as people have them: comments, trailing commas, tabs, CRLF, a byte order mark, everything on one line,
 * other servers. Each `.after` was read by a person; a change to one is a change of what people's files become.
 */
describe.each(CLIENTS.map((client) => [client.id, client] as const))('the file of %s', (id, client) => {
  const before = golden(`${id}.before`)
  const after = golden(`${id}.after`)
  const entry = entryOf(client, URL_OF_SERVER, client.via, 'linux')

  test('becomes what is written down, and only the lines of the entry differ', () => {
    expect(read(client, before).with('zuko', entry)).toBe(after)
  })

  test('knows the entry afterwards', () => {
    expect(read(client, after).entry('zuko')).toEqual(entry)
  })

  test('takes another entry in its place, and then the first one again', () => {
    const other = client.http('https://other.example.com/api/mcp')
    const changed = read(client, after).with('zuko', other)
    expect(read(client, changed).entry('zuko')).toEqual(other)
    expect(read(client, changed).with('zuko', entry)).toBe(after)
  })

  test('has all of its comments and other entries still, once the entry is taken out', () => {
    const without = read(client, after).without('zuko')
    expect(read(client, without).entry('zuko')).toBeUndefined()
    const words = (text: string): string[] => text.match(/\/\/.*|\/\*.*?\*\/|#.*|"[^"]*"/g) ?? []
    const left = words(without)
    for (const word of words(before)) expect(left.splice(left.indexOf(word), 1)).toEqual([word])
    expect(client.key.map((key) => `"${key}"`)).toEqual(expect.arrayContaining(left))
  })
})

describe.each(CLIENTS.map((client) => [client.id, client] as const))('an empty file of %s', (_, client) => {
  test.each([
    ['nothing', ''],
    ['a line end', '\n'],
    ['an empty object or table', client.format === 'json' ? '{}' : '# nothing\n'],
  ])('with %s becomes a whole one', (_name, text) => {
    const entry = client.http(URL_OF_SERVER)
    const whole = read(client, text).with('zuko', entry)
    expect(read(client, whole).entry('zuko')).toEqual(entry)
    expect(read(client, read(client, whole).without('zuko')).entry('zuko')).toBeUndefined()
  })
})
