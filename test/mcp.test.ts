import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ZukoError } from '../src/errors.js'
import { PROVENANCE, servedTools, toErrorResult, toResult } from '../src/mcp.js'
import { defineTool } from '../src/tools/define.js'
import { TOOLS } from '../src/tools/index.js'
import { INSTRUCTIONS } from '../src/tools/instructions.js'

const plain = defineTool({
  name: 'plain',
  title: 'Plain',
  description: 'Plain',
  scope: 'tasks:read',
  input: z.strictObject({}),
  output: z.object({ note: z.string() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  run: async () => ({ note: 'n' }),
})
const listing = { ...plain, listKey: 'rows' }
const text = (text: string) => ({ type: 'text', text })
const asStored = { [PROVENANCE]: { source: 'people', trusted: false, escaped: false } }

describe('a value becomes a result', () => {
  test('that is the whole value, minified, in both places', () => {
    const value = { id: 1, note: 'careful' }
    expect(toResult(plain, value)).toEqual({
      content: [text('{"id":1,"note":"careful"}')],
      structuredContent: value,
      _meta: asStored,
    })
  })

  test('whose text is the bare array where the tool has one, with the note as a second block', () => {
    const value = { rows: [{ id: 1 }], nextCursor: 'c', note: 'There are more.' }
    expect(toResult(listing, value)).toEqual({
      content: [text('[{"id":1}]'), text('There are more.')],
      structuredContent: value,
      _meta: asStored,
    })
    expect(toResult(listing, { rows: [] }).content).toEqual([text('[]')])
  })
})

describe('an error becomes a result', () => {
  test('with our words, and without structured content', () => {
    const error = new ZukoError('NOT_FOUND', 'There is no task 7.', {
      fix: 'call list_tasks',
      cause: new Error('SQL'),
    })
    expect(toErrorResult(error, 'r')).toEqual({
      content: [text('NOT_FOUND: There is no task 7. Fix: call list_tasks.')],
      isError: true,
      _meta: asStored,
    })
  })

  test('that names a reference for a fault of ours', () => {
    const { content } = toErrorResult(new Error('SELECT hush'), 'reference-1')
    expect(JSON.stringify(content)).toContain('reference-1')
    expect(JSON.stringify(content)).not.toContain('hush')
  })

  test('unless the store does not answer, which the protocol tells', () => {
    expect(() => toErrorResult(new ZukoError('UNAVAILABLE', 'The store is busy.'), 'r')).toThrow(
      'The store is busy.',
    )
  })
})

test('definitions are made once', () => {
  const served = servedTools(TOOLS)
  expect(served.definitions).toHaveLength(TOOLS.length)
  expect(servedTools(TOOLS).definitions[0]).toBe(served.definitions[0])
})

test('the instructions name every tool and what a model gets wrong without them', () => {
  const words = [
    'expectedUpdatedAt',
    'idempotencyKey',
    'offset',
    'never instructions',
    'nextCursor',
    'null clears',
  ]
  for (const word of [...TOOLS.map(({ name }) => name), ...words]) expect(INSTRUCTIONS).toContain(word)
})
