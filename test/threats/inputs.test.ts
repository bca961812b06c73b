import { array, assert, asyncProperty, integer, oneof, string } from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { ZukoError } from '../../src/errors.js'
import type { OpenStore } from '../../src/store/open.js'
import { TOOLS } from '../../src/tools/index.js'
import { type Crm, callTool, memoryStore, seedCrm } from '../helpers/store.js'

let store: OpenStore
let crm: Crm
let userId: number
beforeAll(async () => {
  store = await memoryStore()
  crm = await seedCrm(store)
  userId = crm.people.ada
})

// biome-ignore lint/suspicious/noExplicitAny: tests reach into answers whose shape is what they assert
const call = (name: string, args: unknown): Promise<any> => callTool(store, userId, name, args)
/** The code of the refusal; fails for an answer, and for a fault of ours. */
const refusal = async (name: string, args: unknown): Promise<string> => {
  const outcome = await call(name, args).catch((error: unknown) => error)
  expect(outcome, JSON.stringify(args)).toBeInstanceOf(ZukoError)
  return (outcome as ZukoError).code
}
const taskCount = async () => (await store.organizations.list()).reduce((sum, { tasks }) => sum + tasks, 0)

describe('a text', () => {
  /** Any 16-bit units, whether they are characters or not. */
  const units = array(integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 20 }).map((codes) =>
    String.fromCharCode(...codes),
  )
  const texts = oneof(units, string({ unit: 'binary', maxLength: 60 }), string({ unit: 'grapheme' }))
  const keepable = (text: string) => !text.includes('\0') && !/\p{Surrogate}/u.test(text)

  test.each(['title', 'assignee'])('as %s is kept to the letter, or refused and not kept', async (field) => {
    const taskId = crm.tasks.acme
    const property = asyncProperty(texts, async (text) => {
      const before = await store.tasks.get(userId, taskId)
      const right = keepable(text) && text.trim() !== ''
      if (!right) {
        expect(await refusal('update_task', { taskId, [field]: text })).toBe('INVALID_ARGUMENT')
        expect(await store.tasks.get(userId, taskId)).toEqual(before)
        return
      }
      await call('update_task', { taskId, [field]: text })
      expect((await store.tasks.get(userId, taskId))?.[field as 'title']).toBe(text.trim())
    })
    await assert(property, { seed: 45, numRuns: 300 })
  })

  test('as description is kept to the letter, keys too, or refused', async () => {
    const taskId = crm.tasks.acme
    const property = asyncProperty(texts, async (text) => {
      const description = { [`k${text}`]: [text] }
      if (!keepable(text)) {
        return void expect(await refusal('update_task', { taskId, description })).toBe('INVALID_ARGUMENT')
      }
      await call('update_task', { taskId, description })
      expect((await store.tasks.get(userId, taskId))?.description).toEqual(description)
    })
    await assert(property, { seed: 46, numRuns: 300 })
  })

  test('that looks like another stays another', async () => {
    const twins = ['caf\u00e9', 'cafe\u0301', '\u212b', '\u00c5', 'ﬁ', 'fi', 'Ａ', 'A']
    for (const title of twins) {
      const { id } = await call('create_task', { title })
      expect((await call('get_task', { taskId: id })).title).toBe(title)
    }
  })

  test('of combining marks is counted by its characters', async () => {
    expect(await refusal('create_task', { title: `a${'\u0301'.repeat(100_000)}` })).toBe('INVALID_ARGUMENT')
    expect((await call('create_task', { title: `a${'\u0301'.repeat(499)}` })).title).toHaveLength(500)
  })
})

describe('a number where an id belongs', () => {
  const ids = TOOLS.flatMap(({ name, input }) =>
    Object.keys(input.shape)
      .filter((field) => field.endsWith('Id'))
      .map((field) => [name, field] as const),
  )
  const WRONG = [
    ...['0', '-1', '-0', '1.5', '1e400', '-1e400', '2147483648', '-2147483649', '4294967297'],
    ...['9007199254740993', '1e308', '5e-324', '"1"', '" 1"', '"0x1"', '[1]', '{"$ne":1}', 'true', '""'],
  ]

  test.each(ids)('%s %s: is refused unless it is one', async (name, field) => {
    const before = await taskCount()
    const rest = { taskId: crm.tasks.acme, title: 'T' }
    const known = TOOLS.find((tool) => tool.name === name)?.input.shape ?? {}
    const args = Object.fromEntries(Object.entries(rest).filter(([key]) => key in known))
    for (const literal of [...WRONG, 'null']) {
      const given = { ...args, ...JSON.parse(`{"${field}":${literal}}`) }
      expect(await refusal(name, given), literal).toBe('INVALID_ARGUMENT')
    }
    expect(await taskCount()).toBe(before)
  })

  test.each(ids)('%s %s: the largest id is one that does not exist', async (name, field) => {
    const rest = { taskId: crm.tasks.acme, title: 'T', [field]: 2_147_483_647 }
    const known = TOOLS.find((tool) => tool.name === name)?.input.shape ?? {}
    const args = Object.fromEntries(Object.entries(rest).filter(([key]) => key in known))
    expect(await refusal(name, args)).toBe('NOT_FOUND')
  })
})

describe('what would be SQL elsewhere is text here', () => {
  const BREAKS = [
    "'",
    '"',
    "')",
    "'))",
    '`',
    ']',
    '\\',
    "\\'",
    "''",
    '";',
    '/*',
    '--',
    ';',
    '\u02bc',
    '\uff07',
  ]
  const TAILS = [
    ...[' OR 1=1 --', " OR '1'='1", ' UNION SELECT name,email,null FROM person --', '; DROP TABLE task; --'],
    ...[' AND (SELECT 1 FROM task) --', "; ATTACH DATABASE '/tmp/x' AS x; --", ' COLLATE NOCASE --'],
    ...[
      ' OR randomblob(1000000000) --',
      '; SELECT pg_sleep(10); --',
      '||(SELECT email FROM person)||',
      ' %_',
    ],
  ]
  const CORPUS = [
    ...BREAKS.flatMap((open) => TAILS.map((tail) => `${open}${tail}`)),
    ...['%', '_', '%%', '*', 'NEAR(a b)', 'a NOT b', '"a" OR', 'a^b', '$1', ':id', '@userId', '?1'],
    ...['{{id}}', 'NULL', 'null', '1;1', '1e1', '0x10', 'CAST(1 AS TEXT)', 'char(39)', "X'41'", "E'\\047'"],
  ]

  test('as title, assignee, description and key: kept to the letter', async () => {
    const organizationId = crm.organizations.acme
    const before = await taskCount()
    for (const text of CORPUS) {
      const texts = { title: text.trim(), assignee: text.trim() }
      const args = { organizationId, ...texts, description: { [text]: text }, idempotencyKey: text }
      const task = await call('create_task', args)
      expect(task).toMatchObject({ ...texts, description: { [text]: text } })
      expect(await call('create_task', args)).toMatchObject({ id: task.id, replayed: true })
      expect(await call('update_task', { taskId: task.id, ...texts })).toMatchObject({ noop: true })
    }
    expect(await taskCount()).toBe(before + CORPUS.length)
  })

  test('as cursor, status or time: refused', async () => {
    const taskId = crm.tasks.acme
    for (const text of CORPUS) {
      expect(await refusal('list_tasks', { cursor: text })).toBe('INVALID_ARGUMENT')
      expect(await refusal('list_tasks', { status: text })).toBe('INVALID_ARGUMENT')
      expect(await refusal('update_task', { taskId, completedAt: text })).toBe('INVALID_ARGUMENT')
      expect(await refusal('update_task', { taskId, title: 'T', expectedUpdatedAt: text })).toBe(
        'INVALID_ARGUMENT',
      )
    }
  })

  test('and whatever it says, what belongs to others is as it was', async () => {
    const theirs = () => store.tasks.get(crm.people.edsger, crm.tasks.initech)
    const before = await theirs()
    for (const text of CORPUS) await call('create_task', { title: text, parentTaskId: crm.tasks.acme })
    expect(before).toBeDefined()
    expect(await theirs()).toEqual(before)
    expect(CORPUS.length).toBeGreaterThan(180)
  })
})
