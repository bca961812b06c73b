import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS, onEvery } from '../helpers/databases.js'
import { clickThroughFrom } from '../helpers/oauth.js'
import { type Calling, loggedInV1, loggedInV2 } from '../helpers/sdk-clients.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

onEvery(KINDS, (databases) => {
  let served: Served
  let ids: Awaited<ReturnType<typeof twoPeople>>
  beforeAll(async () => {
    served = await serveAll({ database: await databases.database() })
    ids = await twoPeople(served)
  })
  afterAll(() => served.close())

  /** Ada signs in and approves. */
  const ada = async (url: URL): Promise<URLSearchParams> => {
    const login = { base: served.base, email: 'ada@example.com', password: PASSWORD }
    return (await clickThroughFrom(url.href, login)).searchParams
  }
  const resource = () => `${served.base}/api/mcp`

  interface Result {
    content: { type: string; text: string }[]
    structuredContent: Record<string, unknown>
    isError?: boolean
  }

  describe.each([
    ['the v1 SDK client', () => loggedInV1(resource(), ada)],
    ['the v2 SDK client in the legacy era', () => loggedInV2(resource(), ada, 'legacy')],
    ['the v2 SDK client in the modern era', () => loggedInV2(resource(), ada, 'auto')],
  ])('%s', (_name, logIn) => {
    let client: Calling
    beforeAll(async () => {
      client = await logIn()
    })
    afterAll(() => client.close())
    const call = async (name: string, args: Record<string, unknown> = {}) =>
      (await client.callTool({ name, arguments: args })) as Result

    test('lists the five tools in order', async () => {
      const { tools } = await client.listTools()
      expect(tools.map(({ name }) => name)).toEqual([
        'list_organizations',
        'list_tasks',
        'get_task',
        'create_task',
        'update_task',
      ])
    })

    test('calls every tool, and what it writes is what it reads', async () => {
      const organizations = await call('list_organizations')
      const acme = { id: ids.acme, name: 'Acme', slug: 'acme', role: 'owner' }
      expect(JSON.parse(organizations.content[0]?.text ?? '')).toEqual([acme])
      expect(organizations.structuredContent).toEqual({ organizations: [acme] })

      const description = {
        type: 'doc',
        content: [{ type: 'paragraph', text: 'Ring “them” — ☎' }],
        n: [1, [2, [null]]],
      }
      const created = await call('create_task', { title: ' Call the supplier ', description, assignee: 'me' })
      const { id, updatedAt } = created.structuredContent as { id: number; updatedAt: string }
      expect(created.structuredContent).toMatchObject({
        title: 'Call the supplier',
        description,
        assignee: 'ada@example.com',
        owners: [{ id: ids.ada }],
      })

      const updated = await call('update_task', { taskId: id, status: 'DONE', expectedUpdatedAt: updatedAt })
      expect(updated.structuredContent).toMatchObject({
        noop: false,
        changed: { status: { from: 'TODO', to: 'DONE' } },
        completedAt: null,
      })

      const shown = await call('get_task', { taskId: id })
      expect(shown.structuredContent).toMatchObject({ id, status: 'DONE', description })
      expect(JSON.parse(shown.content[0]?.text ?? '')).toEqual(shown.structuredContent)

      const listed = await call('list_tasks', { status: 'DONE' })
      expect(listed.structuredContent.tasks).toContainEqual(
        expect.objectContaining({ id, organizationName: 'Acme' }),
      )
      expect(JSON.parse(listed.content[0]?.text ?? '')).toEqual(listed.structuredContent.tasks)
    })

    test("another organization's task and one that never was get the same answer", async () => {
      const made = await served.store.tasks.create(
        { userId: ids.bob, clientId: 'x', requestId: 'x', at: Date.now() },
        {
          organizationId: ids.blue,
          title: 'blue secret',
          description: null,
          status: 'TODO',
          assignee: null,
          parentTaskId: null,
        },
      )
      if (made.kind !== 'created') throw new Error(made.kind)
      const foreign = await call('get_task', { taskId: made.task.id })
      const missing = await call('get_task', { taskId: 2_000_000_000 })
      expect(foreign.isError).toBe(true)
      expect(JSON.stringify(foreign)).not.toContain('blue secret')
      expect(JSON.stringify(foreign).replaceAll(String(made.task.id), 'N')).toBe(
        JSON.stringify(missing).replaceAll('2000000000', 'N'),
      )
    })
  })
})
