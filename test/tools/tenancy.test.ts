import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenStore } from '../../src/store/open.js'
import { errorText, TOOLS } from '../../src/tools/index.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { CANARY, type Crm, callTool } from '../helpers/store.js'

const NOWHERE = 2_000_000_000

onEvery(KINDS, (databases) => {
  let store: OpenStore
  let crm: Crm
  beforeEach(async () => {
    const made = await databases.crm()
    store = made.store
    crm = made.crm
  })

  /** What a model would read: the answer, or the error. */
  const said = (userId: number, tool: string, args: object) =>
    callTool(store, userId, tool, args).then(JSON.stringify, (error) => errorText(error, 'request-1'))

  /** Every argument of every tool that holds an id, with what makes the rest of the call right. */
  const rows = [
    {
      tool: 'list_tasks',
      field: 'organizationId',
      args: {},
      own: () => crm.organizations.acme,
      foreign: () => crm.organizations.initech,
    },
    {
      tool: 'get_task',
      field: 'taskId',
      args: {},
      own: () => crm.tasks.acme,
      foreign: () => crm.tasks.initech,
    },
    {
      tool: 'create_task',
      field: 'organizationId',
      args: { title: 'T' },
      own: () => crm.organizations.acme,
      foreign: () => crm.organizations.initech,
    },
    {
      tool: 'create_task',
      field: 'organizationId',
      args: { title: 'T', assignee: 'me' },
      own: () => crm.organizations.acme,
      foreign: () => crm.organizations.initech,
    },
    {
      tool: 'create_task',
      field: 'organizationId',
      args: { title: 'T', idempotencyKey: 'k' },
      own: () => crm.organizations.acme,
      foreign: () => crm.organizations.initech,
    },
    {
      tool: 'create_task',
      field: 'parentTaskId',
      args: { title: 'T' },
      own: () => crm.tasks.acme,
      foreign: () => crm.tasks.initech,
    },
    {
      tool: 'update_task',
      field: 'taskId',
      args: { title: 'T' },
      own: () => crm.tasks.acme,
      foreign: () => crm.tasks.initech,
    },
    {
      tool: 'update_task',
      field: 'taskId',
      args: { assignee: 'me' },
      own: () => crm.tasks.acme,
      foreign: () => crm.tasks.initech,
    },
    {
      tool: 'update_task',
      field: 'taskId',
      args: { title: 'T', expectedUpdatedAt: '2026-01-15T09:00:00Z' },
      own: () => crm.tasks.acme,
      foreign: () => crm.tasks.initech,
    },
  ]

  describe.each(rows)('$tool $field with $args', ({ tool, field, args, own, foreign }) => {
    const lacks = [CANARY, 'Initech', 'edsger']

    test('answers for what is one’s own', async () => {
      expect(await said(crm.people.ada, tool, { ...args, [field]: own() })).not.toMatch(/^[A-Z_]+:/)
    })

    test('gives another organization’s and a nonexistent id the same answer, byte for byte', async () => {
      const before = await store.tasks.get(crm.people.edsger, crm.tasks.initech)
      const elsewhere = await said(crm.people.ada, tool, { ...args, [field]: foreign() })
      expect(elsewhere).toBe(await said(crm.people.ada, tool, { ...args, [field]: NOWHERE }))
      expect(elsewhere).toMatch(/^NOT_FOUND: /)
      for (const word of lacks) expect(elsewhere).not.toContain(word)
      expect(await store.tasks.get(crm.people.edsger, crm.tasks.initech)).toEqual(before)
    })

    test('answers a person that the store does not know as if nothing existed', async () => {
      const answer = await said(0, tool, { ...args, [field]: foreign() })
      expect(answer).toMatch(/^(NOT_FOUND|ORGANIZATION_REQUIRED): /)
      for (const word of lacks) expect(answer).not.toContain(word)
    })
  })

  test('every argument that holds an id has its row', () => {
    const ids = TOOLS.flatMap((tool) =>
      Object.keys(tool.input.shape)
        .filter((name) => name.endsWith('Id'))
        .map((name) => `${tool.name} ${name}`),
    )
    const covered = new Set(rows.map(({ tool, field }) => `${tool} ${field}`))
    const missing = ids.filter((name) => !covered.has(name))
    expect(missing, `Add a row to ${import.meta.filename} for each of these`).toEqual([])
  })

  test.each(['list_organizations', 'list_tasks'])(
    '%s shows nothing of another organization',
    async (tool) => {
      const answer = await said(crm.people.ada, tool, {})
      expect(answer).toContain('Acme')
      for (const word of [CANARY, 'Initech', 'Globex']) expect(answer).not.toContain(word)
    },
  )

  test('an assignee of another organization is a name like any other', async () => {
    const answer = await said(crm.people.ada, 'create_task', { title: 'T', assignee: 'edsger@example.com' })
    const unknown = await said(crm.people.ada, 'create_task', { title: 'T', assignee: 'nobody@example.net' })
    for (const text of [answer, unknown]) expect(text).toContain('names no member')
    expect(answer).not.toContain(CANARY)
  })
})
