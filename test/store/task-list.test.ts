import { beforeAll, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { OF_ANY_STATUS, OF_ONE_STATUS } from '../../src/store/sqlite/task-list.js'
import type { ListPosition, Status, TaskRow } from '../../src/store/types.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { actorOf, T0 } from '../helpers/store.js'

const STATUSES: Status[] = ['TODO', 'IN_PROGRESS', 'DONE', 'CANCELLED']
const ORGANIZATIONS = 7
const TASKS = 420

/** Numbers that look random and are the same in every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let userId: number
  let strangerId: number
  let visible: { id: number; organizationId: number; status: Status; updatedAt: number }[]

  beforeAll(async () => {
    store = await databases.store()
    const random = numbers(7)
    userId = (await store.people.add({ name: 'Ada', email: 'ada@example.com', at: T0 })).id
    strangerId = (await store.people.add({ name: 'Eve', email: 'eve@example.com', at: T0 })).id
    for (let n = 1; n <= ORGANIZATIONS + 1; n++) {
      const { id: organizationId } = await store.organizations.add({ name: `O${n}`, slug: `o${n}`, at: T0 })
      for (const id of n > ORGANIZATIONS ? [strangerId] : [userId, strangerId]) {
        await store.members.add({ userId: id, organizationId, role: 'member', at: T0 })
      }
    }
    const tasks = Array.from({ length: TASKS }, () => {
      const number = 1 + Math.floor(random() ** 2 * (ORGANIZATIONS + 1))
      const status = STATUSES[Math.floor(random() * 4)] ?? 'TODO'
      return { number, status, updatedAt: T0 + Math.floor(random() * 40) }
    })
    const records = tasks.map(({ number, ...task }) => ({
      ...task,
      title: 'Call back',
      organization: `o${number}`,
      owners: [],
      createdAt: T0,
    }))
    const by = { at: T0, requestId: 'r' }
    await store.imports.add({ users: [], organizations: [], members: [], tasks: records }, by)
    visible = tasks
      .map(({ number, ...task }, index) => ({ ...task, id: index + 1, organizationId: number }))
      .filter((task) => task.organizationId <= ORGANIZATIONS)
  })

  /** Every page of a list, walked through the position of each page's last row. */
  async function walk(
    query: { status?: Status; organizationId?: number },
    limit: number,
  ): Promise<TaskRow[]> {
    const seen: TaskRow[] = []
    let after: ListPosition | undefined
    for (;;) {
      const { tasks, more } = await store.tasks.list({ userId, ...query, after, limit })
      seen.push(...tasks)
      if (!more) return seen
      expect(tasks).toHaveLength(limit)
      after = tasks.at(-1)
    }
  }

  /** What the list must be: every visible task that fits, sorted. */
  const naive = (query: { status?: Status; organizationId?: number }): number[] =>
    visible
      .filter((task) => query.status === undefined || task.status === query.status)
      .filter((task) => query.organizationId === undefined || task.organizationId === query.organizationId)
      .sort((a, b) => b.updatedAt - a.updatedAt || b.id - a.id)
      .map((task) => task.id)

  describe('walking the pages of a list with many equal times', () => {
    const queries = [
      {},
      { status: 'DONE' as const },
      { organizationId: 2 },
      { organizationId: 3, status: 'TODO' as const },
    ]
    for (const query of queries) {
      test.each([1, 7, 50])(`equals a naive sort: ${JSON.stringify(query)}, pages of %i`, async (limit) => {
        const expected = naive(query)
        expect(expected.length).toBeGreaterThan(5)
        expect((await walk(query, limit)).map(({ id }) => id)).toEqual(expected)
      })
    }

    test('shows names of organizations, and nothing of an organization that is not the person’s', async () => {
      const rows = await walk({}, 50)
      expect(new Set(rows.map((row) => `${row.organizationId} ${row.organizationName}`)).size).toBe(
        ORGANIZATIONS,
      )
      expect(rows.every((row) => row.organizationName === `O${row.organizationId}`)).toBe(true)
      expect(rows.length).toBeLessThan(TASKS)
    })

    test('an organization of others lists nothing', async () => {
      const list = await store.tasks.list({ userId, organizationId: ORGANIZATIONS + 1, limit: 50 })
      expect(list).toEqual({ tasks: [], more: false })
    })

    test('an exact last page says that there is no more', async () => {
      const all = await walk({}, 50)
      expect(await store.tasks.list({ userId, limit: all.length })).toMatchObject({ more: false })
      expect(await store.tasks.list({ userId, limit: all.length - 1 })).toMatchObject({ more: true })
    })

    test('an update brings a task to the front', async () => {
      const last = (await walk({}, 50)).at(-1)?.id ?? 0
      await store.tasks.update(actorOf(userId, T0 + 1000), last, { title: 'Now' })
      expect((await store.tasks.list({ userId, limit: 1 })).tasks[0]).toMatchObject({
        id: last,
        title: 'Now',
      })
    })
  })
})

describe('the plans', () => {
  const bound = {
    userId: 1,
    organizationId: 1,
    organizationName: 'Acme',
    status: 'TODO',
    updatedAt: 1,
    id: 1,
    floor: 0,
    limit: 51,
  }
  async function plan(sql: string): Promise<string[]> {
    const sqlite = await openFile(':memory:')
    const rows = sqlite.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(bound) as { detail: string }[]
    sqlite.close()
    return rows.map(({ detail }) => detail)
  }
  const ANY = 'task_recent (organization_id=? AND '
  const ONE = 'task_recent_by_status (organization_id=? AND status=? AND '
  const page = ['updated_at=? AND id<?)', 'updated_at>? AND updated_at<?)']
  const cases = [
    // The newest of an organization is read from the index alone, and is one step of it.
    { name: 'heads', sql: OF_ANY_STATUS.heads.sqlite, seeks: [`COVERING INDEX ${ANY}updated_at<?)`] },
    {
      name: 'heads by status',
      sql: OF_ONE_STATUS.heads.sqlite,
      seeks: [`COVERING INDEX ${ONE}updated_at<?)`],
    },
    { name: 'page', sql: OF_ANY_STATUS.page.sqlite, seeks: page.map((range) => `INDEX ${ANY}${range}`) },
    {
      name: 'page by status',
      sql: OF_ONE_STATUS.page.sqlite,
      seeks: page.map((range) => `INDEX ${ONE}${range}`),
    },
  ]
  test.each(cases)(
    '$name: seek in the index by every column, scan no task and sort none',
    async ({ sql, seeks }) => {
      const steps = await plan(sql)
      const found = steps.filter((step) => step.startsWith('SEARCH task '))
      expect(found).toEqual(seeks.map((seek) => expect.stringContaining(seek)))
      expect(steps.filter((step) => /SCAN (task|member|organization)|TEMP B-TREE/.test(step))).toEqual([])
    },
  )
})
