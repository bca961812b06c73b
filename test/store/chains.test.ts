import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { auditHash, FIRST_HASH } from '../../src/store/audit-hash.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { migrate } from '../../src/store/sqlite/migrate.js'
import { actorOf, newTask } from '../helpers/store.js'

const MIGRATIONS = fileURLToPath(new URL('../../drizzle', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'zuko-chains-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The migrations as they were when one chain held the audit of all organizations. */
function firstMigration(): string {
  const path = join(folder, 'first')
  mkdirSync(join(path, 'meta'), { recursive: true })
  cpSync(join(MIGRATIONS, '0000_start.sql'), join(path, '0000_start.sql'))
  const journal = JSON.parse(readFileSync(join(MIGRATIONS, 'meta', '_journal.json'), 'utf8'))
  const entries = journal.entries.slice(0, 1)
  writeFileSync(join(path, 'meta', '_journal.json'), JSON.stringify({ ...journal, entries }))
  return path
}

const ROWS = `
  INSERT INTO user (id, name, email, created_at, updated_at) VALUES (1, 'Ada', 'ada@example.com', 1, 1);
  INSERT INTO organization (id, name, slug, created_at) VALUES (1, 'Acme', 'acme', 1), (2, 'Globex', 'globex', 1);
  INSERT INTO member (organization_id, user_id, created_at) VALUES (1, 1, 1), (2, 1, 1);
  INSERT INTO rate_limit (key, count, last_request) VALUES ('k', 1, 1)`
const TASK = `
  INSERT INTO task (id, organization_id, title, status, created_by, created_at, updated_at)
  VALUES (?, ?, ?, 'TODO', 1, 1, 1)`
const CHANGE = `
  INSERT INTO audit (at, user_id, client_id, request_id, organization_id, task_id, action, changes, previous_hash, hash)
  VALUES (@at, @userId, @clientId, @requestId, @organizationId, @taskId, @action, @changes, @previousHash, @hash)`

/** Which organization each row of the old audit is of. */
const ORGANIZATIONS = [1, 2, 2, 1, 1, 2, 1]
const TITLE = 'Erneuern — “größer”'
const changes = JSON.stringify({ title: { from: null, to: TITLE } })

/** A store of the first version with tasks and their audit in one chain, then changed by `tamper`. */
function oldStore(tamper = ''): string {
  const path = join(folder, `${Math.random()}.db`)
  const sqlite = new SQLite(path)
  migrate(sqlite, firstMigration())
  sqlite.exec(ROWS)
  let previousHash = FIRST_HASH
  for (const [index, organizationId] of ORGANIZATIONS.entries()) {
    const taskId = index + 1
    sqlite.prepare(TASK).run(taskId, organizationId, TITLE)
    const who = { userId: 1, clientId: 'client', requestId: `request-${index}` }
    const what = { organizationId, taskId, action: 'create' as const, changes }
    const row = { at: 100 + index, ...who, ...what, previousHash }
    const hash = auditHash(row)
    sqlite.prepare(CHANGE).run({ ...row, hash })
    previousHash = hash
  }
  sqlite.exec(tamper)
  sqlite.close()
  return path
}

async function migrated<Result>(path: string, use: (store: OpenStore) => Promise<Result>): Promise<Result> {
  const store = await openStore(path)
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

const proofOf = (path: string) => migrated(path, (store) => store.audit.verify())
const addTask = (path: string, organizationId: number) =>
  migrated(path, (store) => store.tasks.create(actorOf(1), newTask(organizationId)))

describe('a store of the first version', () => {
  test('keeps its changes, and their chains hold', async () => {
    const path = oldStore()
    await migrated(path, async (store) => {
      expect(await store.audit.verify()).toEqual({ rows: 7 })
      const list = (await store.audit.list({ limit: 10 })).reverse()
      expect(list.map(({ organizationId }) => organizationId)).toEqual(ORGANIZATIONS)
      expect(list[3]).toEqual({
        id: 4,
        at: 103,
        userId: 1,
        clientId: 'client',
        requestId: 'request-3',
        organizationId: 1,
        taskId: 4,
        action: 'create',
        changes: { title: { from: null, to: TITLE } },
      })
      expect((await store.tasks.list({ userId: 1, limit: 50 })).tasks).toHaveLength(7)
    })
  })

  test('goes on where its chains end', async () => {
    const path = oldStore()
    await addTask(path, 2)
    await addTask(path, 1)
    expect(await proofOf(path)).toEqual({ rows: 9 })
  })

  test('without a change has no chain', async () => {
    const path = oldStore(`DELETE FROM audit; DELETE FROM sqlite_sequence WHERE name = 'audit'`)
    expect(await proofOf(path)).toEqual({ rows: 0 })
  })

  test('has the tables that a new store has', async () => {
    const schema = async (path: string) => {
      await migrated(path, (store) => store.ping())
      const sqlite = new SQLite(path)
      const sql = sqlite.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
      sqlite.close()
      return sql
    }
    expect(await schema(oldStore())).toEqual(await schema(join(folder, 'new.db')))
  })
})

describe('a store of the first version whose chain is broken stays broken', () => {
  const at = (position: number, id: number) => ({ organizationId: 1, position, what: 'altered', id })
  /** Row 4 with other values, hashed as if it had always been so. */
  const forged = (previousHash: string) => {
    const who = { at: 103, userId: 9, clientId: 'client', requestId: 'request-3' }
    const row = { ...who, organizationId: 1, taskId: 4, action: 'create' as const, changes, previousHash }
    return `UPDATE audit SET user_id = 9, previous_hash = '${previousHash}', hash = '${auditHash(row)}' WHERE id = 4`
  }

  test('where a row was altered', async () => {
    const path = oldStore('UPDATE audit SET user_id = 9 WHERE id = 4')
    expect(await proofOf(path)).toEqual({ rows: 4, broken: [at(2, 4)] })
    await addTask(path, 1)
    expect(await proofOf(path)).toEqual({ rows: 4, broken: [at(2, 4)] })
  })

  test('where a row was altered and rests on nothing', async () => {
    const path = oldStore(`DELETE FROM audit WHERE id = 1; ${forged(FIRST_HASH)}`)
    const { broken } = await proofOf(path)
    expect(broken).toContainEqual(at(1, 4))
  })

  test('behind a row that was altered and hashed anew', async () => {
    const sqlite = new SQLite(oldStore(), { readonly: true })
    const hash = sqlite.prepare('SELECT hash FROM audit WHERE id = 3').pluck().get() as string
    sqlite.close()
    expect(await proofOf(oldStore(forged(hash)))).toEqual({ rows: 5, broken: [at(3, 5)] })
  })

  test.each([
    ['the first row is missing', 'DELETE FROM audit WHERE id = 1', 6],
    ['rows in the middle are missing', 'DELETE FROM audit WHERE id IN (3, 4)', 5],
    ['the last row is missing', 'DELETE FROM audit WHERE id = 7', 6],
    ['every row is missing', 'DELETE FROM audit', 0],
  ])('where %s: nobody knows of which organization', async (_, sql, rows) => {
    const path = oldStore(sql)
    const broken = [{ organizationId: 0, position: 1, what: 'removed' }]
    expect(await proofOf(path)).toEqual({ rows, broken })
    await addTask(path, 2)
    expect(await proofOf(path)).toEqual({ rows: rows + 1, broken })
  })
})
