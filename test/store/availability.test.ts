import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/store/open.js'
import { organizationStore } from '../../src/store/organizations.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { asUnavailable } from '../../src/store/sqlite/errors.js'
import { openFile } from '../../src/store/sqlite/file.js'

const folder = mkdtempSync(join(tmpdir(), 'zuko-busy-'))
afterAll(() => rmSync(folder, { recursive: true }))

const organization = { name: 'Acme', slug: 'acme', at: 1 }

describe('while another process writes', () => {
  test('a write waits, gives up as UNAVAILABLE in our own words, and works again afterwards', async () => {
    const path = join(folder, 'busy.db')
    const store = await openStore(path)
    const other = new SQLite(path)
    other.exec('BEGIN IMMEDIATE')
    const refusal = store.organizations.add(organization)
    await expect(refusal).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'The store is busy.' })
    other.exec('COMMIT')
    expect(await store.organizations.add(organization)).toMatchObject({ added: true })
    other.close()
    await store.close()
  })

  test('a write goes through when the other finishes in time', async () => {
    const path = join(folder, 'patient.db')
    const store = await openStore(path)
    const other = new SQLite(path)
    other.exec('BEGIN IMMEDIATE')
    const added = store.organizations.add(organization)
    setTimeout(() => other.exec('COMMIT'), 1)
    expect(await added).toMatchObject({ added: true })
    other.close()
    await store.close()
  })

  test('reads go on', async () => {
    const path = join(folder, 'reads.db')
    const store = await openStore(path)
    const other = new SQLite(path)
    other.exec('BEGIN IMMEDIATE')
    expect(await store.organizations.list()).toEqual([])
    await store.ping()
    other.close()
    await store.close()
  })
})

test('a full database refuses writes as UNAVAILABLE, still reads, and recovers', async () => {
  const sqlite = await openFile(join(folder, 'full.db'))
  const organizations = organizationStore(sqliteEngine(sqlite))
  const pages = sqlite.pragma('page_count', { simple: true })
  sqlite.pragma(`max_page_count = ${pages}`)
  const big = { name: 'x'.repeat(100_000), slug: 'big', at: 1 }
  await expect(organizations.add(big)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'The disk of the store is full.',
  })
  expect(await organizations.list()).toEqual([])
  sqlite.pragma('max_page_count = 100000')
  expect(await organizations.add(big)).toMatchObject({ added: true })
  sqlite.close()
})

test.each(['SQLITE_IOERR_FSYNC', 'SQLITE_READONLY_DBMOVED', 'SQLITE_CORRUPT'])(
  '%s is UNAVAILABLE, and the driver speaks in the cause only',
  (code) => {
    const driver = new SQLite.SqliteError('disk I/O error /secret/path', code)
    const error = asUnavailable(driver)
    expect(error).toMatchObject({ code: 'UNAVAILABLE', cause: driver })
    expect((error as Error).message).not.toContain('secret')
  },
)

test('an error of another kind stays what it is', () => {
  const error = new SQLite.SqliteError('UNIQUE constraint failed', 'SQLITE_CONSTRAINT_UNIQUE')
  expect(asUnavailable(error)).toBe(error)
})

test('a closed store is UNAVAILABLE', async () => {
  const store = await openStore(':memory:')
  await store.close()
  await expect(store.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
