import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOOLS } from '../../src/tools/index.js'
import { startTarget, type Target } from '../helpers/target.js'
import { addStrangers, callAs, callTogether, compareTimes, ID_FIELDS, NEVER, playTenancy } from './tenancy.js'

const SEQUENCES = Number(process.env.TENANCY_SEQUENCES ?? 60)
const CALLS = Number(process.env.TENANCY_CALLS ?? 800)

let target: Target
beforeAll(async () => {
  target = await startTarget()
})
afterAll(() => target.close())

test(`${SEQUENCES} random sequences: nobody reads a word of an organization that is not theirs`, async () => {
  const figures = await playTenancy(target, { sequences: SEQUENCES, seed: 15 })
  expect(figures.sequences).toBe(SEQUENCES)
  expect(figures.calls).toBeGreaterThan(SEQUENCES * 3)
}, 600_000)

test(`${CALLS} calls of 200 clients with one and the same id: each gets its own answer`, async () => {
  const figures = await callTogether(target, { clients: 200, organizations: 20, calls: CALLS })
  expect(figures).toEqual({ calls: CALLS, wrong: 0 })
}, 600_000)

describe('a foreign id and one that never was get the same bytes', () => {
  test.each(ID_FIELDS)('%s %s %j', async (tool, field, args) => {
    const { ada, eve, organizationId, taskId } = await addStrangers(target)
    const foreign = field === 'organizationId' ? organizationId : taskId
    const before = await target.store.tasks.get(ada.userId, taskId)
    const [elsewhere, never] = [
      await target.call(eve.token, tool, { ...args, [field]: foreign }),
      await target.call(eve.token, tool, { ...args, [field]: NEVER }),
    ]
    const { date: _a, 'x-request-id': _b, ...headers } = elsewhere.headers
    expect(never).toMatchObject({ status: elsewhere.status, text: elsewhere.text, headers })
    expect(elsewhere.text).toContain('NOT_FOUND')
    expect(await target.store.tasks.get(ada.userId, taskId)).toEqual(before)
  })
})

test('every argument that holds an id has its row, and its times can be compared', async () => {
  const ids = TOOLS.flatMap(({ name, input }) =>
    Object.keys(input.shape).flatMap((field) => (field.endsWith('Id') ? [`${name} ${field}`] : [])),
  )
  const figures = await compareTimes(target, { rounds: 3 })
  expect(new Set(figures.map(({ tool, field }) => `${tool} ${field}`))).toEqual(new Set(ids))
})

describe('a cursor', () => {
  test('is worth nothing to somebody else, nor with any character changed', async () => {
    const { world, ada, eve } = await addStrangers(target)
    for (let index = 0; index < 50; index++) await callAs(world, ada, 'create_task', { title: `T${index}` })
    const cursor: string = (await callAs(world, ada, 'list_tasks', {})).value.nextCursor
    expect((await callAs(world, ada, 'list_tasks', { cursor })).value.tasks).toHaveLength(1)
    expect((await callAs(world, eve, 'list_tasks', { cursor })).text).toMatch(/^INVALID_ARGUMENT/)
    for (let at = 0; at < cursor.length; at++) {
      const changed = cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1)
      for (const person of [ada, eve]) {
        const { isError, value } = await callAs(world, person, 'list_tasks', { cursor: changed })
        // A place in one's own list may be made up; it shows nothing but one's own list.
        expect(isError || value.tasks.length <= 50).toBe(true)
      }
    }
  })
})
