import { describe, expect, test } from 'vitest'
import { acceptsJson, nestsDeeper } from '../../src/serve/body.js'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0

describe('the depth of JSON, seen from its bytes', () => {
  const texts = [
    '1',
    '[]',
    '{"a":[{"b":[]}]}',
    '["[[[[", {"{{{{": "}}}}"}]',
    '["\\"[[[["]',
    '["\\\\", [[1]]]',
    '["\\\\\\"", [[[1]]]]',
    '{"\\u005b":"\\"{", "b":[[]]}',
    '[[],[],[[]]]',
    '["ü[", "𝌆{"]',
  ]
  test.each(texts)('%s', (text) => {
    const depth = depthOf(JSON.parse(text))
    expect(nestsDeeper(Buffer.from(text), depth)).toBe(false)
    if (depth > 0) expect(nestsDeeper(Buffer.from(text), depth - 1)).toBe(true)
  })
})

describe('an Accept header leaves room for JSON', () => {
  const rows: [string | undefined, boolean][] = [
    [undefined, true],
    ['', true],
    ['*/*', true],
    ['Application/JSON', true],
    ['text/html, application/*;q=0.5', true],
    ['application/json;q=0, */*', false],
    ['*/*;q=0', false],
    ['*/*;q=0, application/json', true],
    ['application/json;q=0.001', true],
    ['text/event-stream', false],
    ['application/jsonp', false],
  ]
  test.each(rows)('%s: %s', (accept, accepted) => expect(acceptsJson(accept)).toBe(accepted))
})
