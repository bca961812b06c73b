import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { beforeAll, describe, expect, test } from 'vitest'
import { toErrorResult, toResult } from '../../src/mcp.js'
import type { OpenStore } from '../../src/store/open.js'
import type { JsonValue } from '../../src/store/types.js'
import { TOOLS, type Tool, toolByName, toolDefinition } from '../../src/tools/index.js'
import { addTask, type Crm, callTool, memoryStore, newTask, seedCrm, T0 } from '../helpers/store.js'
import { descriptionIn, partsFrom as partsOf } from './parts.js'
import { SCRIPTS } from './worst-texts.js'

const CHANGED = 'A size changed. When that is meant: npx vitest run test/tools -u'
const [DEFINITIONS, LIST, TASK] = [1500, 6000, 8000]

/** The texts that cost most for their length, each in its way. */
const WORST = Object.entries(SCRIPTS).filter(([name]) =>
  ['base64', 'ASCII', 'Chinese characters', 'emoji', 'rare characters', 'characters nobody sees'].includes(
    name,
  ),
)

const sizeOf = (value: unknown) => {
  const text = JSON.stringify(value)
  return { bytes: Buffer.byteLength(text), tokens: countTokens(text) }
}
const tool = (name: string) => toolByName(name) as Tool

/** What a model gets of a value, from a host that shows only text or only `structuredContent`: the larger of both. */
function sizeShown(name: string, value: Record<string, unknown>) {
  const { content, structuredContent } = toResult(tool(name), value)
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('\n')
  const sizes = [{ bytes: Buffer.byteLength(text), tokens: countTokens(text) }, sizeOf(structuredContent)]
  return sizes.sort((a, b) => b.tokens - a.tokens)[0] as { bytes: number; tokens: number }
}

let store: OpenStore
let crm: Crm
beforeAll(async () => {
  store = await memoryStore()
  crm = await seedCrm(store)
  return () => store.close()
})
const call = (name: string, args: object) => callTool(store, crm.people.ada, name, args)
const partsFrom = (first: Record<string, unknown>) => partsOf(first, call)
const create = (args: object) =>
  call('create_task', { organizationId: crm.organizations.acme, title: 'T', ...args })

/** The longest text of so many bytes. */
const ofBytes = (text: string, bytes: number): string =>
  Buffer.from(text)
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD$/, '')

const line = (name: string, { bytes, tokens }: { bytes: number; tokens: number }) =>
  `${name.padEnd(60)}${String(tokens).padStart(6)} tokens${String(bytes).padStart(7)} bytes`

describe('definitions', () => {
  const shown = TOOLS.map((one) => {
    const { name, description, inputSchema, outputSchema } = toolDefinition(one)
    return { name, description, inputSchema, outputSchema }
  })
  const seen = shown.map(({ outputSchema: _, ...rest }) => rest)

  test('all tools together, as a model gets them, have at most 1,500 tokens', () => {
    expect(sizeOf(seen).tokens).toBeLessThanOrEqual(DEFINITIONS)
  })

  test('sizes are as in the snapshot', async () => {
    const lines = [
      ...seen.map((one) => line(one.name, sizeOf(one))),
      line('all that a model gets', sizeOf(seen)),
      ...shown.map(({ name, outputSchema }) => line(`outputSchema of ${name}`, sizeOf(outputSchema))),
    ]
    await expect(`${lines.join('\n')}\n`, CHANGED).toMatchFileSnapshot('./definitions/sizes.snap')
  })

  test.each(shown)('$name is described in at most 150 tokens', ({ description }) => {
    expect(countTokens(description)).toBeLessThanOrEqual(150)
  })
})

describe('list_tasks', () => {
  const row = { assignee: 'ada.lovelace@made-up-1.example', status: 'IN_PROGRESS' as const }
  let made = 0
  const fill = async (name: string, count: number, title: (n: number) => string) => {
    made += 1
    const { id } = await store.organizations.add({ name, slug: `o${made}`, at: T0 })
    await store.members.add({ userId: crm.people.ada, organizationId: id, role: 'member', at: T0 })
    for (let n = 0; n < count; n += 1) {
      await addTask(store, crm.people.ada, newTask(id, { ...row, title: title(n), completedAt: T0 }), T0 + n)
    }
    return id
  }

  test('50 rows of usual length are one answer', async () => {
    const organizationId = await fill(
      'Juniper Home Goods',
      51,
      (n) => `Renew the maintenance contract for Harbor ${n}`,
    )
    const page = await call('list_tasks', { organizationId })
    expect(page.tasks).toHaveLength(50)
    expect(sizeShown('list_tasks', page).tokens).toBeLessThanOrEqual(LIST)
  })

  test.each(WORST)(
    'titles of 500 characters in %s: no answer is too long, none is empty, nothing is left out',
    async (_, script) => {
      const organizationId = await fill(script(200), 20, () => script(500))
      const seen: number[] = []
      for (let cursor: unknown, first = true; first || cursor !== undefined; first = false) {
        const page = await call('list_tasks', { organizationId, ...(first ? {} : { cursor }) })
        const rows = page.tasks as { id: number }[]
        expect(sizeShown('list_tasks', page).tokens).toBeLessThanOrEqual(LIST)
        expect(rows.length).toBeGreaterThan(0)
        if (page.nextCursor !== undefined)
          expect(page.note).toMatch(`These are ${rows.length} tasks; there are more.`)
        seen.push(...rows.map(({ id }) => id))
        cursor = page.nextCursor
      }
      expect(seen).toHaveLength(20)
      expect(new Set(seen).size).toBe(20)
    },
  )
})

describe('a task', () => {
  const OWNERS = 100
  const SUBTASKS = 1200
  /** A task with 100 owners and more subtasks than are read at once, all with long names. */
  let large: number
  beforeAll(async () => {
    const people = []
    for (let n = 0; n < OWNERS - 1; n += 1) {
      const email = `${'owner'.repeat(20)}${n}@example.com`
      people.push((await store.people.add({ name: `Owner ${'名'.repeat(100)} ${n}`, email, at: T0 })).id)
    }
    const organizationId = crm.organizations.acme
    const task = newTask(organizationId, { title: '🧾'.repeat(500), description: 'Short', ownerIds: people })
    large = (await addTask(store, crm.people.ada, task)).id
    for (let n = 0; n < SUBTASKS; n += 1) {
      const title = n % 10 === 0 ? '部'.repeat(500) : `Subtask ${n}`
      await addTask(store, crm.people.ada, newTask(organizationId, { title, parentTaskId: large }))
    }
  })

  const descriptions: [string, JsonValue][] = [
    ...WORST.map(([name, script]): [string, JsonValue] => [name, ofBytes(script(60_000), 65_000)]),
    ['64 KiB of one letter', 'x'.repeat(64 * 1024 - 2)],
    [
      '64 KiB of JSON',
      { rows: Array.from({ length: 1300 }, (_, n) => ({ n, text: `"line"\n ${n}`, to: null })) },
    ],
  ]
  test.each(descriptions)('a description of %s comes in parts that make it up', async (_, description) => {
    const created = await create({ description })
    expect(sizeShown('create_task', created).tokens).toBeLessThanOrEqual(TASK)
    const parts = await partsFrom(created)
    expect(parts.length).toBeGreaterThan(1)
    for (const part of parts) {
      expect(sizeShown('get_task', part as never).tokens).toBeLessThanOrEqual(TASK)
    }
    expect(descriptionIn(parts)).toEqual(description)
    expect(parts.every(({ description }) => description === undefined)).toBe(true)
  })

  test('100 owners and 1,200 subtasks with long names come in parts, each once and in order', async () => {
    const parts = await partsFrom(await call('get_task', { taskId: large }))
    for (const part of parts) {
      expect(sizeShown('get_task', part as never).tokens).toBeLessThanOrEqual(TASK)
      expect(part.truncated).toBe(part.nextCursor === undefined ? undefined : true)
    }
    const owners = parts.flatMap((part) => part.owners.map(({ id }) => id))
    const subtasks = parts.flatMap((part) => part.subtasks.map(({ id }) => id))
    expect(owners).toHaveLength(OWNERS)
    expect(new Set(owners).size).toBe(OWNERS)
    expect(subtasks).toEqual(Array.from({ length: SUBTASKS }, (_, n) => large + 1 + n))
    expect(descriptionIn(parts)).toBe('Short')
  })

  test('what is short enough is shown whole, with the words of the contract alone', async () => {
    const description = 'The customer asked for a second offer with a shorter term. '.repeat(250)
    const created = await create({ description })
    const got = await call('get_task', { taskId: created.id })
    expect(got).toMatchObject({ description, owners: [{}], subtasks: [] })
    for (const field of ['descriptionPart', 'truncated', 'nextCursor', 'note'])
      expect(got).not.toHaveProperty(field)
  })

  test('a part says what it has and how to go on; the last says that it is the last', async () => {
    const description = 'a b c d e f g h '.repeat(1300)
    const { id } = await create({ title: 'Golden', description })
    const parts = await partsFrom(await call('get_task', { taskId: id }))
    const told = parts.map(({ note = '' }) => note.replaceAll(/"[\w-]+"/g, '"…"').replace(String(id), 'ID'))
    expect(told).toMatchInlineSnapshot(`
      [
        "This is a part of the task: characters 1 to 14600 of 20800 of its description, 1 owner, 0 subtasks. For the next one call get_task with taskId ID and cursor "…".",
        "This is a part of the task: characters 14601 to 20800 of 20800 of its description, 0 owners, 0 subtasks. It is the last one.",
      ]
    `)
    expect(parts[0]).toMatchObject({
      id,
      title: 'Golden',
      descriptionPart: { format: 'text', start: 0, length: description.length },
      truncated: true,
    })
    expect(parts[0]).not.toHaveProperty('description')
  })

  test('an update says which change is too long to show', async () => {
    const { id } = await create({ description: SCRIPTS.emoji?.(15_000) })
    const updated = await call('update_task', {
      taskId: id,
      title: 'New',
      description: SCRIPTS.Hangul?.(20_000),
    })
    expect(sizeShown('update_task', updated).tokens).toBeLessThanOrEqual(TASK)
    expect(updated).toMatchObject({
      noop: false,
      changed: { title: { from: 'T', to: 'New' } },
      changedUnshown: ['description'],
      truncated: true,
    })
    expect(updated.changed).not.toHaveProperty('description')
    expect(updated.note).toMatch(
      /^Changed too, but too long to show here from what to what: description\. This is a part/,
    )
  })

  test('a conflict shows a part of a long task as well', async () => {
    const { id } = await create({ description: SCRIPTS.base64?.(60_000) })
    const wrong = { taskId: id, title: 'U', expectedUpdatedAt: '2020-01-01T00:00:00Z' }
    const error = await call('update_task', wrong).catch((thrown: unknown) => thrown)
    const [block] = toErrorResult(error, 'r').content
    const text = block?.type === 'text' ? block.text : ''
    expect(countTokens(text)).toBeLessThanOrEqual(1.1 * TASK)
    expect(text).toMatch(/^CONFLICT: .*"truncated":true/s)
  })

  describe('a cursor', () => {
    const first = async () => {
      const { id, nextCursor } = await create({ description: SCRIPTS.base64?.(30_000) })
      return { taskId: id as number, cursor: nextCursor as string }
    }

    test('of a task that changed since is refused', async () => {
      const { taskId, cursor } = await first()
      await call('update_task', { taskId, title: 'Another' })
      await expect(call('get_task', { taskId, cursor })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        fix: 'call get_task without cursor to read it from the start',
      })
    })

    test('of another task, of another person or of no task is refused', async () => {
      const { taskId, cursor } = await first()
      const wrong = 'The cursor does not belong to this task.'
      const other = callTool(store, crm.people.sam, 'get_task', { taskId, cursor })
      await expect(other).rejects.toThrow(wrong)
      await expect(call('get_task', { taskId: large, cursor })).rejects.toThrow(wrong)
      await expect(call('get_task', { taskId, cursor: 'x' })).rejects.toThrow(wrong)
      const { nextCursor } = await call('list_tasks', { organizationId: crm.organizations.acme })
      await expect(call('get_task', { taskId, cursor: nextCursor })).rejects.toThrow(wrong)
    })
  })
})

test('the largest answers are as in the snapshot', async () => {
  const own = await memoryStore()
  const { people, organizations, tasks } = await seedCrm(own)
  const long = SCRIPTS.emoji?.(500) ?? ''
  for (let n = 0; n < 97; n += 1) {
    const { id } = await own.organizations.add({
      name: `Organization ${n}`,
      slug: `organization-${n}`,
      at: T0,
    })
    await own.members.add({ userId: people.ada, organizationId: id, role: 'member', at: T0 })
  }
  const task = { assignee: 'ada@example.com', parentTaskId: tasks.acme }
  for (let n = 0; n < 100; n += 1) {
    const title = n < 50 ? long : `Renew the maintenance contract for Harbor ${n}`
    await addTask(own, people.ada, newTask(organizations.acme, { ...task, title }), T0 + n)
  }
  const answer = (name: string, args: object) => callTool(own, people.ada, name, args)
  const size = (name: string, value: Record<string, unknown>) => sizeShown(name, value)
  const usual = await answer('list_tasks', { organizationId: organizations.acme })
  const titles = await answer('list_tasks', { cursor: usual.nextCursor, organizationId: organizations.acme })
  const organizationId = organizations.acme
  const created = await answer('create_task', { organizationId, title: long, description: long.repeat(30) })
  const update = { taskId: created.id, title: `${long.slice(2)}🧾`, description: long.repeat(31) }
  const sizes = {
    'list_organizations: 98 organizations': size(
      'list_organizations',
      await answer('list_organizations', {}),
    ),
    [`list_tasks: ${(usual.tasks as []).length} tasks`]: size('list_tasks', usual),
    [`list_tasks: ${(titles.tasks as []).length} tasks whose titles are 500 emoji`]: size(
      'list_tasks',
      titles,
    ),
    'get_task: 101 subtasks, half of them so': size(
      'get_task',
      await answer('get_task', { taskId: tasks.acme }),
    ),
    'create_task: title and description of emoji': size('create_task', created),
    'update_task: both, from other ones': size('update_task', await answer('update_task', update)),
  }
  await own.close()
  const lines = Object.entries(sizes).map(([name, one]) => line(name, one))
  for (const { tokens } of Object.values(sizes)) expect(tokens).toBeLessThanOrEqual(TASK)
  await expect(`${lines.join('\n')}\n`, CHANGED).toMatchFileSnapshot('./definitions/answers.snap')
})
