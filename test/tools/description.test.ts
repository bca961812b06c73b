import { isDeepStrictEqual } from 'node:util'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import { beforeAll, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { parseInput, toolByName } from '../../src/tools/index.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { type Crm, callTool } from '../helpers/store.js'
import { descriptionIn, partsFrom } from './parts.js'

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : [nested(depth - 1)])
const tool = (name: string) => {
  const found = toolByName(name)
  if (!found) throw new Error(name)
  return found
}

const kept: [string, unknown][] = [
  ['text', 'Call Acme\nand "quote" \\n'],
  ['text that looks like JSON', '{"a":1}'],
  ['an empty text', ''],
  ['numbers', [0, -0, 1e300, 5e-324, -1.5, Number.MAX_SAFE_INTEGER, 2 ** 60]],
  ['true', true],
  ['false', false],
  ['null', null],
  ['empty containers', [{}, [], [[]]]],
  ['arrays in arrays, 32 deep', nested(32)],
  ['a rich text', { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Hi' }] }] }],
  [
    'awkward keys',
    JSON.parse('{"": 1, "__proto__": {"a": 1}, "constructor": null, "toJSON": 1, "a b": [2], "10": 1}'),
  ],
  ['signs beyond ASCII', { ключ: '😀 \u202e \u200b é e\u0301 \u2028' }],
  ['nearly 64 KiB', 'x'.repeat(64 * 1024 - 2)],
]

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeAll(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  test.each(kept)(
    '%s: comes back unchanged from every tool, and fits what the schemas promise',
    async (_name, description) => {
      const call = (name: string, args: object) => callTool(store, crm.people.ada, name, args)
      const whole = async (task: Record<string, unknown>) => descriptionIn(await partsFrom(task, call))
      const created = await call('create_task', { title: 'T', description })
      const taskId = created.id
      const got = await call('get_task', { taskId })
      const shown = { create_task: await whole(created), get_task: await whole(got) }
      await call('update_task', { taskId, description: 'something else' })
      const updated = await call('update_task', { taskId, description })
      expect(updated).toMatchObject({ noop: false })
      for (const [name, one] of Object.entries({ ...shown, update_task: await whole(updated) })) {
        expect(isDeepStrictEqual(one, description), name).toBe(true)
      }
      for (const [name, task] of Object.entries({
        create_task: created,
        get_task: got,
        update_task: updated,
      })) {
        const validate = new AjvJsonSchemaValidator().getValidator(tool(name).definition.outputSchema)
        expect(validate(JSON.parse(JSON.stringify(task))), name).toMatchObject({ valid: true })
      }
    },
  )
})

describe.each(kept)('%s', (_name, description) => {
  test('is not copied on its way in', () => {
    expect(parseInput(tool('create_task'), { title: 'T', description }).description).toBe(description)
  })
})

test('no prototype is polluted', () => {
  expect(Object.hasOwn(Object.prototype, 'a')).toBe(false)
})

const cyclic: unknown[] = []
cyclic.push(cyclic)
const refused: [string, unknown, RegExp][] = [
  ['33 levels', nested(33), /at most 32 levels deep/],
  ['100000 levels', JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)), /at most 32 levels deep/],
  ['a cycle', cyclic, /at most 32 levels deep/],
  ['more than 64 KiB', 'x'.repeat(64 * 1024 - 1), /at most 64 KiB/],
  ['more than 64 KiB as UTF-8', 'é'.repeat(33_000), /at most 64 KiB/],
  ['NUL in a text', { a: ['x\0'] }, /NUL or lone surrogates/],
  ['NUL in a key', { 'x\0': 1 }, /NUL or lone surrogates/],
  ['a lone surrogate in a text', '\ud83d', /NUL or lone surrogates/],
  ['a lone surrogate in a key', [{ '\udc00': 1 }], /NUL or lone surrogates/],
  ['Infinity', [Number.POSITIVE_INFINITY], /finite numbers/],
  ['NaN', { a: Number.NaN }, /finite numbers/],
  ['a Date', new Date(0), /JSON value/],
  ['a function', { a: () => 1 }, /JSON value/],
  ['a bigint', [1n], /JSON value/],
  ['undefined inside', [undefined], /JSON value/],
]

test.each(refused)('refuses %s', (_name, description, right) => {
  const parse = () => parseInput(tool('create_task'), { title: 'T', description })
  expect(parse).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', fix: expect.stringMatching(right) }),
  )
})
