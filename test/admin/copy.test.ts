import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { backup } from '../../src/admin/backup.js'
import type { AdminDeps } from '../../src/admin/deps.js'
import { restoreFrom } from '../../src/admin/restore.js'
import { readConfig } from '../../src/config.js'
import type { Database } from '../../src/database-url.js'
import { copyStore } from '../../src/store/copy.js'
import { openEngine, openStore } from '../../src/store/open.js'
import { adminBench, NOW, scriptedIo } from '../helpers/admin.js'
import { onEvery } from '../helpers/databases.js'
import { temporaryFolder } from '../helpers/folder.js'
import { seedCrm } from '../helpers/store.js'

const { at, remove } = temporaryFolder()
afterAll(remove)

let files = 0
async function storeFile(): Promise<string> {
  files += 1
  const path = at(`store-${files}.db`)
  const store = await openStore(path)
  await seedCrm(store)
  await store.close()
  return path
}

const titles = async (database: Database) => {
  const store = await openStore(database)
  const { tasks } = await store.browse.tasks({ limit: 20 })
  await store.close()
  return tasks.map(({ title }) => title)
}

const urlOf = (database: Database) => (typeof database === 'string' ? `file:${database}` : database.href)

/** What a command works with that needs the configuration alone. */
function terminalOn(database: URL) {
  const { io, out } = scriptedIo()
  const never = () => Promise.reject(new Error('not asked for'))
  const config = async () => ({ ...readConfig({}), database })
  const { signal } = new AbortController()
  return { out, deps: { io, signal, now: () => NOW, config, store: never, auth: never } satisfies AdminDeps }
}

/** An embedded Postgres has one connection, which no URL of a user may ask for. */
onEvery(['postgres'], (databases) => {
  /** An empty database with the tables of a store. */
  async function target(): Promise<URL> {
    const database = (await databases.database()) as URL
    await (await openStore(database)).close()
    return (await databases.database()) as URL
  }

  test('copy takes a store from a file to a database and back, and says that both sides are the same', async () => {
    const [path, database, bench] = [await storeFile(), await target(), await adminBench()]
    const there = await bench.run(['copy', '--from', `file:${path}`, '--to', urlOf(database)])
    expect(there).toMatch(
      /^Copied \d+ rows, 5 tasks among them\.\nBoth sides are the same: SHA-256 [0-9a-f]{64}$/,
    )
    const back = at(`back-${files}.db`)
    const returned = await bench.run(['copy', '--from', urlOf(database), '--to', `file:${back}`])
    expect(returned).toBe(there)
    expect(await titles(back)).toEqual(await titles(path))
  })

  test('backup writes a database into a file, and restore puts it into an empty one', async () => {
    const [path, database] = [await storeFile(), await target()]
    await (await adminBench()).run(['copy', '--from', `file:${path}`, '--to', urlOf(database)])
    const [file, { deps, out }] = [at(`backup-${files}.db`), terminalOn(database)]
    await backup(deps, { file })
    expect(out.pop()).toMatch(/^Backed up postgres:\/\/.*: \d+ rows, 5 tasks among them\.$/)
    const bytes = readFileSync(file)
    await expect(restoreFrom(deps, { file })).rejects.toThrow(/^The target holds rows already/)
    await target()
    await restoreFrom(deps, { file })
    expect(out.pop()).toMatch(/^Restored postgres:\/\/.*: 5 tasks\.$/)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    expect(await titles(database)).toEqual(await titles(path))
  })

  test('refuses to open a store whose copy was cut short', async () => {
    const [source, database] = [await openEngine(await storeFile()), await target()]
    const copy = await openEngine(database)
    const cut = copyStore(source, copy, {
      seen() {
        throw new Error('cut')
      },
    })
    await expect(cut).rejects.toThrow('cut')
    await copy.close()
    await expect(openStore(database)).rejects.toThrow(
      'The store is the target of a copy that was not finished.',
    )
    await openEngine(database).then((again) =>
      copyStore(source, again, { seen() {} }).then(() => again.close()),
    )
    expect(await titles(database)).toHaveLength(5)
    await source.close()
  })
})

test('refuses a source that is not there, and makes none', async () => {
  const bench = await adminBench()
  const { message } = await bench.refusal([
    'copy',
    '--from',
    `file:${at('none.db')}`,
    '--to',
    `file:${at('new.db')}`,
  ])
  expect(message).toBe(`There is no store at ${at('none.db')}.`)
})

test('refuses to copy a store onto itself', async () => {
  const [path, bench] = [await storeFile(), await adminBench()]
  const { code } = await bench.refusal(['copy', '--from', `file:${path}`, '--to', `file:${path}`])
  expect(code).toBe('USAGE')
})

test('refuses what is no database, without its password', async () => {
  const bench = await adminBench()
  const { code, message } = await bench.refusal([
    'copy',
    '--from',
    'mysql://a:secret@b/c',
    '--to',
    'file:x.db',
  ])
  expect(code).toBe('USAGE')
  expect(message).not.toContain('secret')
})
