import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import SQLite from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { openFile, refuseOldSqlite } from '../../src/store/sqlite/file.js'

const folder = mkdtempSync(join(tmpdir(), 'zuko-store-'))
afterAll(() => rmSync(folder, { recursive: true }))
const fresh = (name: string) => join(folder, name, 'zuko.db')

/** A store of some size, closed again. */
async function written(name: string): Promise<string> {
  const path = fresh(name)
  const store = await openStore(path)
  for (let n = 0; n < 200; n++) await store.organizations.add({ name: 'x'.repeat(200), slug: `s${n}`, at: 1 })
  await store.close()
  return path
}

describe('a new store', () => {
  test('is for its owner only', async () => {
    const path = fresh('modes')
    await (await openStore(path)).close()
    expect(statSync(join(folder, 'modes')).mode & 0o777).toBe(0o700)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  test('writes ahead, syncs fully, keeps foreign keys and waits briefly', async () => {
    const sqlite = await openFile(fresh('pragmas'))
    const pragmas = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout']
    expect(pragmas.map((name) => sqlite.pragma(name, { simple: true }))).toEqual(['wal', 2, 1, 250])
    sqlite.close()
  })

  test('may take the place of an empty file', async () => {
    const path = join(folder, 'empty.db')
    writeFileSync(path, '')
    const store = await openStore(path)
    await store.ping()
    await store.close()
  })

  test('comes up in two processes that start at once', { timeout: 60_000 }, async () => {
    const path = fresh('two')
    const module = new URL('../../dist/store/open.js', import.meta.url).href
    const script = `const { openStore } = await import(${JSON.stringify(module)})
      const store = await openStore(${JSON.stringify(path)})
      await store.organizations.add({ name: 'One', slug: 'one', at: 1 })
      await store.close()`
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
    await Promise.all([start(), start(), start()])
    const store = await openStore(path)
    expect(await store.organizations.list()).toHaveLength(1)
    await store.close()
  })

  test('is there again after a restart', async () => {
    const store = await openStore(await written('again'))
    expect(await store.organizations.list()).toHaveLength(200)
    await store.close()
  })
})

describe('a start is refused', () => {
  const refused = async (path: string, message: RegExp) => {
    const before = readFileSync(path)
    await expect(openStore(path)).rejects.toMatchObject({
      code: 'FAILED',
      message: expect.stringMatching(message),
    })
    expect(readFileSync(path).equals(before)).toBe(true)
  }

  test('on a file that is no database', async () => {
    const path = join(folder, 'letter.db')
    writeFileSync(path, 'Dear customer, '.repeat(1000))
    await refused(path, /is not a SQLite database/)
  })

  test('on a database with damaged pages', async () => {
    const path = await written('damaged')
    const bytes = readFileSync(path)
    bytes.fill(0xff, 4096 * 2, 4096 * 3)
    writeFileSync(path, bytes)
    await refused(path, /is damaged/)
  })

  test('on a database that was cut off', async () => {
    const path = await written('truncated')
    truncateSync(path, Math.floor(statSync(path).size / 2))
    await refused(path, /is damaged/)
  })

  test('on a header followed by noise', async () => {
    const path = await written('noise')
    writeFileSync(path, Buffer.concat([readFileSync(path).subarray(0, 16), randomBytes(40_000)]))
    await refused(path, /is damaged|cannot be/)
  })

  test('on a schema newer than this program', async () => {
    const path = await written('newer')
    const sqlite = new SQLite(path)
    sqlite.exec(`INSERT INTO "__drizzle_migrations" (hash, created_at) VALUES ('later', 9999999999999)`)
    sqlite.close()
    await refused(path, /schema that this zuko-mcp does not know/)
  })

  test('where the folder cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '')
    const refusal = openStore(join(folder, 'file', 'zuko.db'))
    await expect(refusal).rejects.toMatchObject({
      code: 'FAILED',
      fix: expect.stringContaining('DATABASE_URL'),
    })
  })

  test.each(['3.51.2', '3.40.1', '3.9.99'])('on SQLite %s, which two processes can corrupt', (version) => {
    expect(() => refuseOldSqlite(version)).toThrow(/can corrupt/)
  })

  test.each(['3.51.3', '3.53.2', '3.100.0', '4.0.0'])('but not on SQLite %s', (version) => {
    expect(() => refuseOldSqlite(version)).not.toThrow()
  })
})
