import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { errorText } from '../../src/tools/index.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { type Crm, callTool, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  const LATER = T0 + 60_000
  const update = (args: object, at = LATER) =>
    callTool(store, crm.people.grace, 'update_task', { taskId: crm.tasks.acme, ...args }, at)
  const get = () => callTool(store, crm.people.grace, 'get_task', { taskId: crm.tasks.acme })

  test('the answer is the task and what changed', async () => {
    const changes = { title: 'Renewed', description: ['x'], completedAt: '2026-01-31T18:00:00+01:00' }
    const answer = await update(changes)
    expect(answer).toEqual({
      ...(await get()),
      changed: {
        title: { from: 'Renew contract', to: 'Renewed' },
        description: { from: null, to: ['x'] },
        completedAt: { from: null, to: '2026-01-31T17:00:00.000Z' },
      },
      noop: false,
    })
    expect(answer).toMatchObject({
      updatedAt: '2026-01-15T09:01:00.000Z',
      completedAt: '2026-01-31T17:00:00.000Z',
    })
  })

  test('nothing is inferred: DONE does not set completedAt', async () => {
    expect(await update({ status: 'DONE' })).toMatchObject({ status: 'DONE', completedAt: null })
  })

  test('null clears description, assignee and completedAt', async () => {
    await update({ description: 'x', assignee: 'me', completedAt: '2026-01-31T17:00:00Z' })
    expect(await update({ description: null, assignee: null, completedAt: null })).toMatchObject({
      description: null,
      assignee: null,
      completedAt: null,
      changed: {
        description: { from: 'x', to: null },
        assignee: { from: 'grace@example.com', to: null },
        completedAt: { from: '2026-01-31T17:00:00.000Z', to: null },
      },
    })
  })

  test('a call that changes nothing says so and leaves updatedAt', async () => {
    await update({ assignee: 'me' })
    const before = await get()
    expect(await update({ assignee: 'Grace Hopper', title: ' Renew contract ' }, LATER + 5)).toEqual({
      ...before,
      changed: {},
      noop: true,
    })
  })

  test('an assignee that is no member is kept, with a note', async () => {
    expect(await update({ assignee: 'Front desk' })).toMatchObject({
      assignee: 'Front desk',
      note: expect.stringContaining('names no member'),
    })
  })

  test('an ambiguous assignee is refused', async () => {
    await expect(update({ assignee: 'Sam Lee' })).rejects.toMatchObject({ code: 'AMBIGUOUS_ASSIGNEE' })
  })

  describe('expectedUpdatedAt', () => {
    test('as last read lets the change through', async () => {
      const { updatedAt } = await get()
      expect(await update({ title: 'Seen', expectedUpdatedAt: updatedAt })).toMatchObject({ noop: false })
    })

    test('that is stale is a conflict whose words hold the current task and the way on', async () => {
      await update({ title: 'First', description: { deep: [1] } })
      const current = await get()
      const refusal = await update({ title: 'Second', expectedUpdatedAt: '2026-01-15T09:00:00Z' }).catch(
        (error) => error,
      )
      expect(refusal).toMatchObject({ code: 'CONFLICT', data: { task: current } })
      const text = errorText(refusal, 'r1')
      expect(text).toContain(`nothing was written. It is now ${JSON.stringify(current)}.`)
      expect(text).toMatch(/ Fix: .* expectedUpdatedAt "2026-01-15T09:01:00\.000Z"\.$/)
      expect(await get()).toEqual(current)
    })
  })
})
