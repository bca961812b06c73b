import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import SQLite from 'better-sqlite3'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { type AdminBench, adminBench } from '../helpers/admin.js'
import { temporaryFolder } from '../helpers/folder.js'
import { addTask, type Crm, newTask, seedCrm } from '../helpers/store.js'

const { at, folder, remove } = temporaryFolder()
afterAll(remove)

let number = 0
let path: string
let bench: AdminBench
let crm: Crm
beforeEach(async () => {
  number += 1
  mkdirSync(at(String(number)))
  path = at(`${number}/zuko.db`)
  bench = await adminBench({ DATABASE_URL: `file:${path}` })
  crm = await seedCrm(bench.store)
})
afterEach(async () => {
  await bench.store.close().catch(() => {})
  expect(
    readdirSync(folder, { recursive: true }).filter((name) => /\.tmp|restoring/.test(String(name))),
  ).toEqual([])
})

const copy = () => at(`${number}/copy.db`)
const titles = async (file: string) => {
  const store = await openStore(file)
  const { tasks } = await store.tasks.list({ userId: crm.people.ada, limit: 9 })
  await store.close()
  return tasks.map(({ title }) => title).sort()
}
const change = (title: string) =>
  addTask(bench.store, crm.people.ada, newTask(crm.organizations.acme, { title }))

describe('backup', () => {
  test('copies a store in use, whole, into one file for its owner only', async () => {
    expect(await bench.run(['backup', copy()])).toMatch(/^Backed up .* \d+ rows, 5 tasks among them\.$/)
    await change('Later')
    expect(statSync(copy()).mode & 0o777).toBe(0o600)
    expect(readdirSync(at(String(number))).filter((name) => name.startsWith('copy'))).toEqual(['copy.db'])
    expect(await titles(copy())).toEqual(['Ask legal', 'Renew contract'])
  })

  test('is of one moment, whatever is written meanwhile', async () => {
    for (let index = 0; index < 400; index += 1) await change(`Task ${index} ${'x'.repeat(400)}`)
    const backup = bench.run(['backup', copy()])
    for (let index = 0; index < 50; index += 1) await change('Meanwhile')
    await backup
    const sqlite = new SQLite(copy())
    const count = (title: string) =>
      sqlite.prepare('SELECT count(*) FROM task WHERE title LIKE ?').pluck().get(title)
    const meanwhile = Number(count('Meanwhile'))
    expect(count('Task%')).toBe(400)
    expect(sqlite.prepare('SELECT count(*) FROM audit').pluck().get()).toBe(405 + meanwhile)
    sqlite.close()
  })

  test('never replaces a file without --yes', async () => {
    writeFileSync(copy(), 'mine')
    expect((await bench.refusal(['backup', copy()])).code).toBe('USAGE')
    expect(readFileSync(copy(), 'utf8')).toBe('mine')
    await bench.run(['backup', copy(), '--yes'])
    expect(await titles(copy())).toHaveLength(2)
  })

  test.each([
    ['a folder', () => folder],
    ['a folder that is not there', () => at('no/copy.db')],
  ])('refuses %s', async (_, target) => {
    const error = await bench.refusal(['backup', target(), '--yes'])
    expect(error.message).toBe(`${target()} cannot be written.`)
  })

  test('refuses where there is no store, and makes none', async () => {
    const nowhere = at('nowhere.db')
    const { backup } = await import('../../src/admin/backup.js')
    const config = async () => ({ ...bench.config, database: nowhere })
    const io = { out: () => {}, err: () => {}, isTTY: false, status: () => {} }
    const deps = { io, config, signal: new AbortController().signal } as unknown as Parameters<
      typeof backup
    >[0]
    await expect(backup(deps, { file: copy() })).rejects.toMatchObject({
      message: `There is no store at ${nowhere}.`,
    })
    expect(existsSync(nowhere)).toBe(false)
  })
})

describe('restore', () => {
  beforeEach(async () => {
    await bench.run(['backup', copy()])
    await change('Later')
  })
  const restore = (file = copy()) => bench.run(['restore', file, '--yes'])
  const refused = (file = copy()) => bench.refusal(['restore', file, '--yes'])
  const asides = () => readdirSync(at(String(number))).filter((name) => name.includes('before-restore'))

  test('puts the backup in place and keeps the store that was there', async () => {
    await bench.store.close()
    expect(await restore()).toMatch(
      /^Restored .*: 5 tasks\. The store before is kept: .*\.before-restore-20260301T090000Z$/,
    )
    expect(await titles(path)).toEqual(['Ask legal', 'Renew contract'])
    expect(await titles(at(`${number}/${asides()[0]}`))).toContain('Later')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('run twice, changes nothing', async () => {
    await bench.store.close()
    await restore()
    expect(await restore()).toMatch(/^Nothing changed: .* holds what is in .* already\.$/)
    expect(asides()).toHaveLength(1)
  })

  test('restores where there is no store', async () => {
    const fresh = await adminBench({ DATABASE_URL: `file:${at(`${number}/new/zuko.db`)}` })
    await fresh.store.close()
    const empty = at(`${number}/new/other.db`)
    const { restore: put } = await import('../../src/store/sqlite/restore.js')
    const outcome = await put({ from: copy(), path: empty, aside: `${empty}.aside` }, { seen: () => {} })
    expect(outcome.outcome).toBe('new')
    expect(await titles(empty)).toHaveLength(2)
  })

  test('refuses while somebody has the store open, and changes nothing', async () => {
    expect(await refused()).toMatchObject({
      message: 'Another process uses the store; nothing was changed.',
      fix: 'stop "zuko-mcp serve" first',
    })
    await change('Still here')
    await bench.store.close()
    expect(await titles(path)).toContain('Still here')
    expect(asides()).toEqual([])
  })

  test('replaces a damaged store, which is kept with its log', async () => {
    await bench.store.close()
    writeFileSync(path, 'no database at all')
    writeFileSync(`${path}-wal`, 'a log')
    await restore()
    expect(await titles(path)).toEqual(['Ask legal', 'Renew contract'])
    expect(
      asides()
        .map((name) => name.split('Z')[1])
        .sort(),
    ).toEqual(['', '-wal'])
  })

  const damaged = () => {
    const bytes = readFileSync(copy())
    bytes.fill(0xff, 4096 * 3, 4096 * 6)
    writeFileSync(at(`${number}/damaged.db`), bytes)
    return at(`${number}/damaged.db`)
  }
  const foreign = () => {
    const sqlite = new SQLite(at(`${number}/foreign.db`))
    sqlite.exec('CREATE TABLE task (id INTEGER)')
    sqlite.close()
    return at(`${number}/foreign.db`)
  }
  const newer = () => {
    copyFileSync(copy(), at(`${number}/newer.db`))
    const sqlite = new SQLite(at(`${number}/newer.db`))
    sqlite.exec(`INSERT INTO "__drizzle_migrations" (hash, created_at) VALUES ('x', 9999999999999)`)
    sqlite.close()
    return at(`${number}/newer.db`)
  }
  const text = () => {
    writeFileSync(at(`${number}/text.db`), 'hello')
    return at(`${number}/text.db`)
  }
  test.each([
    ['a damaged backup', damaged],
    ['a database of another program', foreign],
    ['a store of a later version', newer],
    ['a file that is no database', text],
    ['a file that is not there', () => at('nowhere.db')],
    ['a folder', () => folder],
    ['the store itself', () => path],
  ])('refuses %s, and changes nothing', async (_, file) => {
    await bench.store.close()
    const before = readFileSync(path)
    const error = await refused(file())
    expect(error.code).toBe('FAILED')
    expect(error.message).toMatch(/nothing was changed\.$/)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(asides()).toEqual([])
  })

  test('refuses without --yes where nobody can be asked', async () => {
    await bench.store.close()
    expect((await bench.refusal(['restore', copy()])).code).toBe('USAGE')
  })
})
