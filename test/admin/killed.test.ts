import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { temporaryFolder } from '../helpers/folder.js'
import { program } from '../helpers/program.js'

const { folder, at, file, remove } = temporaryFolder()
afterAll(remove)

const { run, succeed, killAfter } = program(folder)
const STORE = at('zuko.db')
const KILLS = 4
const MANY = 6000
const LINES = 2000

const seedFile = () =>
  file(
    'crm.ndjson',
    [
      { type: 'organization', slug: 'acme', name: 'Acme' },
      ...Array.from({ length: LINES }, (_, index) => ({
        type: 'task',
        organization: 'acme',
        title: `Task ${index}`,
        description: 'x'.repeat(200),
      })),
    ]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  )

const removeStore = () => {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(STORE + end, { force: true })
}

const counts = async () => {
  const store = await openStore(STORE)
  const organizations = await store.organizations.list()
  const { broken } = await store.audit.verify()
  await store.close()
  return { tasks: organizations.reduce((sum, { tasks }) => sum + tasks, 0), broken }
}

/** How long a command takes from its start to its end, to spread the kills over all of it. */
const duration = async (args: readonly string[]): Promise<number> => {
  const startedAt = performance.now()
  expect(await run(args)).toMatchObject({ code: 0 })
  return performance.now() - startedAt
}

/** Moments from a third of the way to just behind the end: starting up is not what is looked at. */
const moments = (whole: number): number[] =>
  Array.from({ length: KILLS }, (_, index) => whole * (0.3 + (0.75 * index) / (KILLS - 1)))

test('seed FILE, killed at any moment, leaves all or nothing', { timeout: 120_000 }, async () => {
  const args = ['admin', 'seed', seedFile()]
  const whole = await duration(args)
  for (const moment of moments(whole)) {
    removeStore()
    const { signal } = await killAfter(args, moment)
    const left = existsSync(STORE) ? await counts() : { tasks: 0, broken: undefined }
    expect([0, LINES]).toContain(left.tasks)
    expect(left.broken).toBeUndefined()
    if (signal === null) expect(left.tasks).toBe(LINES)
  }
})

test('seed --random, killed at any moment, is finished by another run to the same', {
  timeout: 120_000,
}, async () => {
  const made = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  const args = ['admin', 'seed', '--random', String(MANY)]
  removeStore()
  const whole = await duration(args)
  await succeed(['admin', 'export', at('whole.json'), '--yes'])
  removeStore()
  for (const moment of moments(whole)) await killAfter(args, moment)
  await succeed(args)
  await succeed(['admin', 'export', at('parts.json'), '--yes'])
  expect(made(at('parts.json'))).toBe(made(at('whole.json')))
})

const [backup, demo] = [at('backup.db'), at('demo.db')]
beforeAll(async () => {
  await succeed(['admin', 'seed', '--random', String(MANY)])
  await succeed(['admin', 'backup', backup])
  removeStore()
  await succeed(['admin', 'seed', '--demo'])
  await succeed(['admin', 'backup', demo])
  removeStore()
}, 60_000)

test('restore, killed at any moment, leaves the old store or the new one, whole', {
  timeout: 120_000,
}, async () => {
  const args = ['admin', 'restore', backup, '--yes']
  const [old, restored] = [60, MANY]
  const begin = () => {
    removeStore()
    copyFileSync(demo, STORE)
  }
  begin()
  const whole = await duration(args)
  for (const moment of moments(whole)) {
    begin()
    const { signal } = await killAfter(args, moment)
    const { tasks } = await counts()
    expect([old, restored]).toContain(tasks)
    if (signal === null) expect(tasks).toBe(restored)
  }
  await succeed(args)
  expect((await counts()).tasks).toBe(restored)
})
