import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { progressText } from '../../src/admin/progress.js'
import { parseInput, toolByName } from '../../src/tools/index.js'
import { type AdminBench, adminBench } from '../helpers/admin.js'
import { temporaryFolder } from '../helpers/folder.js'

const { at, remove } = temporaryFolder()
afterAll(remove)

let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
})

const make = (...args: string[]) => bench.run(['seed', '--random', ...args])
let exported = 0

/** Everything in the store, as one hash. */
async function content(): Promise<string> {
  exported += 1
  const path = at(`${exported}.json`)
  await bench.run(['export', path])
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

describe('seed --random', () => {
  test('makes so many tasks, organizations and people', async () => {
    expect(await make('1003', '--organizations', '3', '--users', '10')).toMatch(
      /^Added 1003 tasks, 3 organizations and 10 people in \d+\.\d s \(\d+ tasks a second\)\.$/,
    )
    const organizations = await bench.store.organizations.list()
    expect(organizations.map(({ slug }) => slug).sort()).toEqual([
      'made-up-1-1',
      'made-up-1-2',
      'made-up-1-3',
    ])
    expect(organizations.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(1003)
    expect(await bench.store.people.list()).toHaveLength(10)
  })

  test('makes the same for the same seed, and something else for another', async () => {
    const contents: string[] = []
    for (const seed of ['7', '7', '8']) {
      bench = await adminBench()
      await make('500', '--seed', seed)
      contents.push(await content())
    }
    expect(contents[0]).toBe(contents[1])
    expect(contents[0]).not.toBe(contents[2])
  })

  test('run twice, changes nothing', async () => {
    await make('500')
    const before = await content()
    expect(await make('500')).toBe(
      'Nothing changed: 500 tasks, 1 organization and 5 people of this seed are there already.',
    )
    expect(await content()).toBe(before)
  })

  test('an interrupted run says so, and another finishes it to the same', async () => {
    await make('2000', '--seed', 'x')
    const whole = await content()
    bench = await adminBench()
    const { seedMadeUp } = await import('../../src/admin/seed/made-up.js')
    const controller = new AbortController()
    const given = { io: { ...silentIo, status: () => controller.abort() }, signal: controller.signal }
    const deps = { ...given, now: () => new Date(), config: async () => bench.config }
    const parts = { store: async () => bench.store, auth: async () => bench.auth }
    await expect(seedMadeUp({ ...deps, ...parts }, { tasks: 2000, seed: 'x' })).rejects.toMatchObject({
      code: 'INTERRUPTED',
      fix: 'run it again to make the rest',
    })
    expect(await content()).not.toBe(whole)
    expect(await make('2000', '--seed', 'x')).toMatch(/^Added \d+ tasks/)
    expect(await content()).toBe(whole)
  })

  test('makes tasks that create_task itself would take, by members, for members', async () => {
    await make('300', '--organizations', '4', '--users', '6')
    const createTask = toolByName('create_task')
    const statuses = new Set<string>()
    let [subtasks, described] = [0, 0]
    for (const { id: userId, email } of await bench.store.people.list()) {
      const { tasks } = await bench.store.tasks.list({ userId, limit: 300 })
      expect(tasks.length, email).toBeGreaterThan(0)
      for (const row of tasks) {
        const task = await bench.store.tasks.get(userId, row.id)
        if (!task || !createTask) throw new Error('There is a task, and a tool that makes one.')
        const { title, description, status, assignee } = task
        parseInput(createTask, { title, description, status, ...(assignee && { assignee }) })
        const people = [
          task.createdBy?.email ?? '',
          ...task.owners.map((owner) => owner.email),
          ...(assignee ? [assignee] : []),
        ]
        for (const one of people) {
          expect(await bench.store.members.match(userId, task.organization.id, one)).toHaveLength(1)
        }
        expect(task.owners[0]).toEqual(task.createdBy)
        expect(task.completedAt !== null).toBe(status === 'DONE')
        statuses.add(status)
        if (task.parentTask) subtasks += 1
        if (description !== null) described += 1
      }
    }
    expect(statuses.size).toBe(4)
    expect(subtasks).toBeGreaterThan(10)
    expect(described).toBeGreaterThan(10)
  })

  test('refuses other numbers for a seed that stands for some already', async () => {
    await make('500')
    const error = await bench.refusal(['seed', '--random', '600'])
    expect(error.fix).toBe(
      'use another --seed, or give these numbers: --random 500 --organizations 1 --users 5',
    )
  })

  test('refuses a seed whose first organization was removed: it would make the rest twice', async () => {
    await make('500', '--organizations', '3')
    await bench.run(['organizations', 'remove', 'made-up-1-1', '--yes'])
    const before = await content()
    const error = await bench.refusal(['seed', '--random', '500', '--organizations', '3'])
    expect(error.message).toBe('The organization made-up-1-1 of this seed was removed.')
    expect(await content()).toBe(before)
  })

  test.each([
    [['0']],
    [['-5']],
    [['1e3']],
    [['100000001']],
    [['5', '--seed', 'Ä b']],
    [['5', '--users', '0']],
    [['5', '--dry-run']],
  ])('refuses %j as wrong usage', async (args) => {
    expect((await bench.refusal(['seed', '--random', ...args])).code).toBe('USAGE')
    expect(await bench.store.organizations.list()).toEqual([])
  })
})

const silentIo = {
  out: () => {},
  err: () => {},
  isTTY: false,
  askHidden: async () => '',
  confirm: async () => false,
  stdin: async () => '',
}

test('progress shows a bar, the rate and the time left', () => {
  expect(progressText('tasks', 1000, 250, 50)).toBe(
    `${'█'.repeat(6)}${'░'.repeat(18)} 250 of 1000 tasks  50/s, 15 s left`,
  )
  expect(progressText('tasks', 10_000, 1000, 100)).toContain('100/s, 1 min 30 s left')
  expect(progressText('tasks', 10, 0, 0)).toBe(`${'░'.repeat(24)} 0 of 10 tasks`)
})
