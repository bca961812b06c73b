import { beforeEach, describe, expect, test } from 'vitest'
import { DEMO_PASSWORD, DEMO_PEOPLE } from '../../src/demo.js'
import { isZukoError } from '../../src/errors.js'
import { parseInput, TOOLS } from '../../src/tools/index.js'
import { type AdminBench, adminBench, NOW } from '../helpers/admin.js'

let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
})

const seed = () => bench.run(['seed', '--demo'])
const tasksOf = async (userId: number) => (await bench.store.tasks.list({ userId, limit: 500 })).tasks

const signIn = async (email: string): Promise<number> => {
  const body = JSON.stringify({ email, password: DEMO_PASSWORD })
  const headers = { 'content-type': 'application/json' }
  return (await bench.auth.handle('/auth/sign-in/email', { method: 'POST', headers, body })).status
}

describe('seed --demo', () => {
  test('adds three organizations, five people and sixty tasks', async () => {
    expect(await seed()).toBe('Added the demo: 3 organizations, 5 people, 60 tasks.')
    expect(await bench.store.people.list()).toHaveLength(5)
    const organizations = await bench.store.organizations.list()
    expect(organizations.map(({ slug }) => slug)).toEqual(['harbor', 'juniper', 'northlight'])
    expect(organizations.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(60)
  })

  test('run twice, changes nothing', async () => {
    await seed()
    const before = await tasksOf(1)
    expect(await seed()).toBe('Nothing changed: the demo is there already.')
    expect(await tasksOf(1)).toEqual(before)
  })

  test('lets everybody sign in with the demo password', async () => {
    await seed()
    for (const { email } of DEMO_PEOPLE) expect(await signIn(email)).toBe(200)
  })

  test('behind a public address, gives nobody the password that everybody knows', async () => {
    bench = await adminBench({ BACKEND_URL: 'https://crm.example.com' })
    await seed()
    expect(await bench.store.people.list()).toHaveLength(5)
    for (const { email } of DEMO_PEOPLE) expect(await signIn(email)).not.toBe(200)
  })

  test('shows Ada everything, more than one page of it, and Mateo one organization', async () => {
    await seed()
    const [ada, mateo] = [await tasksOf(1), await tasksOf(3)]
    expect(ada).toHaveLength(60)
    expect(new Set(mateo.map(({ organizationName }) => organizationName))).toEqual(
      new Set(['Juniper Coffee Roasters']),
    )
  })

  test('has every status, subtasks, several owners and times that lie apart, all before now', async () => {
    await seed()
    const rows = await tasksOf(1)
    expect(new Set(rows.map(({ status }) => status))).toEqual(
      new Set(['TODO', 'IN_PROGRESS', 'DONE', 'CANCELLED']),
    )
    expect(rows.every(({ updatedAt }) => updatedAt < NOW.getTime())).toBe(true)
    expect(new Set(rows.map(({ updatedAt }) => updatedAt)).size).toBeGreaterThan(50)
    const details = await Promise.all(rows.map(({ id }) => bench.store.tasks.get(1, id)))
    expect(details.filter((task) => (task?.subtasks.length ?? 0) > 0).length).toBeGreaterThanOrEqual(5)
    expect(details.filter((task) => (task?.owners.length ?? 0) > 1).length).toBeGreaterThanOrEqual(8)
    for (const task of details) {
      expect(task?.createdAt).toBeLessThanOrEqual(task?.updatedAt ?? 0)
      expect(task?.completedAt !== null).toBe(task?.status === 'DONE')
    }
  })

  test('holds only what create_task itself would take', async () => {
    await seed()
    const createTask = TOOLS.find(({ name }) => name === 'create_task')
    if (!createTask) throw new Error('There is no create_task.')
    for (const { id } of await tasksOf(1)) {
      const task = await bench.store.tasks.get(1, id)
      const { title, description, status, assignee } = task ?? {}
      const input = { title, description, status, ...(assignee && { assignee }) }
      expect(() => parseInput(createTask, input)).not.toThrow()
    }
  })

  test('tells its audit in the order of time', async () => {
    await seed()
    const entries = await bench.store.audit.list({ limit: 500 })
    const times = entries.map(({ at }) => at)
    expect(entries.length).toBeGreaterThan(100)
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })

  test('leaves the tasks of an organization that has its own', async () => {
    const { id: userId } = await bench.store.people.add({ email: 'ada@example.com', name: 'Mine', at: 1 })
    const { id: organizationId } = await bench.store.organizations.add({
      name: 'Mine',
      slug: 'juniper',
      at: 1,
    })
    await bench.store.members.add({ userId, organizationId, role: 'member', at: 1 })
    const own = {
      title: 'Mine',
      description: null,
      status: 'TODO',
      assignee: null,
      parentTaskId: null,
    } as const
    await bench.store.tasks.create(
      { userId, clientId: 'c', requestId: 'r', at: 1 },
      { ...own, organizationId },
    )
    await seed()
    const there = (await tasksOf(userId)).filter((task) => task.organizationId === organizationId)
    expect(there.map(({ title }) => title)).toEqual(['Mine'])
  })
})

test('seed refuses to guess what to seed', async () => {
  const error = await bench.refusal(['seed'])
  expect(isZukoError(error, 'USAGE')).toBe(true)
  expect(error.fix).toBe('use "zuko-mcp admin seed --demo", "seed FILE" or "seed --random NUMBER"')
})
