import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { addTask, type Crm, callTool, newTask, T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  interface Page {
    tasks: { id: number }[]
    nextCursor?: string
    note?: string
  }
  const list = (args: object, userId = crm.people.grace) =>
    callTool(store, userId, 'list_tasks', args) as unknown as Promise<Page>
  const many = async (count: number) => {
    for (let n = 0; n < count; n++) {
      await addTask(
        store,
        crm.people.ada,
        newTask(crm.organizations.acme, { title: `Task ${n}` }),
        T0 + (n % 9),
      )
    }
  }

  test('list_organizations lists each with the role', async () => {
    expect(await callTool(store, crm.people.grace, 'list_organizations', {})).toEqual({
      organizations: [
        { id: crm.organizations.acme, name: 'Acme', slug: 'acme', role: 'member' },
        { id: crm.organizations.globex, name: 'Globex', slug: 'globex', role: 'member' },
      ],
    })
    expect(await callTool(store, crm.people.nobody, 'list_organizations', {})).toEqual({ organizations: [] })
  })

  describe('list_tasks', () => {
    test('rows are lean: no nulls, no descriptions', async () => {
      const { acme, acmeChild, globex } = crm.tasks
      const row = {
        status: 'TODO',
        organizationId: crm.organizations.acme,
        organizationName: 'Acme',
        updatedAt: '2026-01-15T09:00:00.000Z',
      }
      expect(await list({})).toEqual({
        tasks: [
          {
            ...row,
            id: globex,
            title: 'Ship samples',
            organizationId: crm.organizations.globex,
            organizationName: 'Globex',
          },
          { ...row, id: acmeChild, title: 'Ask legal', parentTaskId: acme },
          { ...row, id: acme, title: 'Renew contract' },
        ],
      })
    })

    test('filters by status and organization', async () => {
      const { acme } = crm.organizations
      const done = await addTask(store, crm.people.ada, newTask(acme, { status: 'DONE', completedAt: T0 }))
      expect((await list({ status: 'DONE' })).tasks).toMatchObject([
        { id: done.id, completedAt: '2026-01-15T09:00:00.000Z' },
      ])
      expect((await list({ organizationId: crm.organizations.globex })).tasks).toMatchObject([
        { id: crm.tasks.globex },
      ])
      expect(await list({ organizationId: crm.organizations.globex, status: 'DONE' })).toEqual({ tasks: [] })
    })

    test('exactly 50 tasks are one page, without cursor or note', async () => {
      await many(47)
      const page = await list({})
      expect(page.tasks).toHaveLength(50)
      expect(Object.keys(page)).toEqual(['tasks'])
    })

    test('more than 50 say so, and the cursor reaches every one once', async () => {
      await many(130)
      const seen: number[] = []
      let page = await list({})
      expect(page.note).toContain(`These are 50 tasks; there are more.`)
      expect(page.note).toContain(`cursor "${page.nextCursor}"`)
      for (;;) {
        seen.push(...page.tasks.map(({ id }) => id))
        if (page.nextCursor === undefined) break
        page = await list({ cursor: page.nextCursor })
      }
      expect(seen).toHaveLength(133)
      expect(new Set(seen).size).toBe(133)
      expect(page.note).toBeUndefined()
    })

    describe('a cursor is refused', () => {
      let cursor: string
      beforeEach(async () => {
        await many(60)
        cursor = (await list({})).nextCursor ?? ''
      })
      const refused = (args: object, userId = crm.people.grace) =>
        expect(list(args, userId)).rejects.toMatchObject({
          code: 'INVALID_ARGUMENT',
          fix: expect.stringContaining('pass nextCursor exactly'),
        })

      test('with other filters', async () => {
        await refused({ cursor, status: 'TODO' })
        await refused({ cursor, organizationId: crm.organizations.acme })
      })
      test('from another person', () => refused({ cursor }, crm.people.ada))
      test.each(['', 'x', '!!', '%00', 'eyJhIjoxfQ', 'x'.repeat(5000)])('that is garbage: %j', (garbage) =>
        refused({ cursor: garbage }),
      )
      test('with any character changed', async () => {
        for (let at = 0; at < cursor.length; at += 5) {
          const other = cursor[at] === 'A' ? 'B' : 'A'
          const changed = cursor.slice(0, at) + other + cursor.slice(at + 1)
          const outcome = await list({ cursor: changed }).catch((error: { code: string }) => error.code)
          expect(outcome === 'INVALID_ARGUMENT' || typeof outcome === 'object', changed).toBe(true)
        }
      })
    })
  })

  test('get_task shows everything, empty fields too', async () => {
    const ada = { id: crm.people.ada, name: 'Ada Lovelace', email: 'ada@example.com' }
    expect(await callTool(store, crm.people.grace, 'get_task', { taskId: crm.tasks.acme })).toEqual({
      id: crm.tasks.acme,
      title: 'Renew contract',
      status: 'TODO',
      organization: { id: crm.organizations.acme, name: 'Acme', slug: 'acme' },
      description: null,
      assignee: null,
      owners: [ada],
      parentTask: null,
      subtasks: [{ id: crm.tasks.acmeChild, title: 'Ask legal', status: 'TODO' }],
      createdBy: ada,
      createdAt: '2026-01-15T09:00:00.000Z',
      updatedAt: '2026-01-15T09:00:00.000Z',
      completedAt: null,
    })
  })
})
