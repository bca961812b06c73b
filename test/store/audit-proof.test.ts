import type SQLite from 'better-sqlite3'
import { beforeEach, describe, expect, test } from 'vitest'
import { auditStore } from '../../src/store/audit.js'
import { auditHash } from '../../src/store/audit-hash.js'
import { type Connection, connect } from '../../src/store/connection.js'
import { audit } from '../../src/store/schema.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { taskStore } from '../../src/store/tasks.js'
import { actorOf, newTask } from '../helpers/store.js'

let connection: Connection
let sqlite: SQLite.Database
beforeEach(async () => {
  sqlite = await openFile(':memory:')
  connection = connect(sqlite)
  sqlite.exec(`
    INSERT INTO user (id, name, email, created_at, updated_at) VALUES (1, 'Ada', 'ada@example.com', 1, 1);
    INSERT INTO organization (id, name, slug, created_at) VALUES (1, 'Acme', 'acme', 1);
    INSERT INTO member (organization_id, user_id, created_at) VALUES (1, 1, 1)`)
  const tasks = taskStore(connection)
  for (let number = 0; number < 6; number += 1) await tasks.create(actorOf(1), newTask(1))
})

const verify = () => auditStore(connection).verify()

describe('the chain of the audit', () => {
  test('holds for what was only added to', async () => {
    expect(await verify()).toEqual({ rows: 6 })
  })

  test.each([
    ['an altered value', `UPDATE audit SET user_id = 2 WHERE id = 4`],
    ['an altered change', `UPDATE audit SET changes = '{}' WHERE id = 4`],
    ['an altered time', `UPDATE audit SET at = at + 1 WHERE id = 4`],
    ['an altered hash', `UPDATE audit SET hash = '${'0'.repeat(64)}' WHERE id = 4`],
    ['an altered previous hash', `UPDATE audit SET previous_hash = '${'0'.repeat(64)}' WHERE id = 4`],
  ])('names the row of %s', async (_, sql) => {
    sqlite.exec(sql)
    expect(await verify()).toEqual({ rows: 3, broken: { id: 4, what: 'altered' } })
  })

  test.each([
    ['first', 1],
    ['a middle', 3],
    ['the last', 6],
  ])('names %s row that was removed', async (_, id) => {
    sqlite.prepare('DELETE FROM audit WHERE id = ?').run(id)
    expect(await verify()).toEqual({ rows: id - 1, broken: { id, what: 'removed' } })
  })

  test('names the first row that was removed of all', async () => {
    sqlite.exec('DELETE FROM audit')
    expect(await verify()).toEqual({ rows: 0, broken: { id: 1, what: 'removed' } })
  })

  test('does not hold for a row that was altered and hashed anew: the next rests on the old hash', async () => {
    const row = connection.db.select().from(audit).all()[2]
    if (!row) throw new Error('six rows were written')
    const altered = { ...row, userId: 9 }
    sqlite.prepare('UPDATE audit SET user_id = 9, hash = ? WHERE id = 3').run(auditHash(altered))
    expect(await verify()).toEqual({ rows: 3, broken: { id: 4, what: 'altered' } })
  })

  test('holds for an audit without a row', async () => {
    const empty = connect(await openFile(':memory:'))
    expect(await auditStore(empty).verify()).toEqual({ rows: 0 })
  })
})
