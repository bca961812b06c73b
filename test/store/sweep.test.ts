import type SQLite from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { grantStore } from '../../src/store/grants.js'
import { peopleStore } from '../../src/store/people.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { sweeper } from '../../src/store/sweep.js'
import { T0 } from '../helpers/store.js'

const DAY = 86_400_000
let sqlite: SQLite.Database
let engine: Engine
let sweep: ReturnType<typeof sweeper>

beforeEach(async () => {
  sqlite = await openFile(':memory:')
  sqlite.exec(
    `INSERT INTO user (id, name, email, created_at, updated_at) VALUES (1, 'Ada', 'ada@example.com', 1, 1)`,
  )
  engine = sqliteEngine(sqlite)
  sweep = sweeper(engine)
})

const insert = (table: string, row: Record<string, unknown>) => {
  const names = Object.keys(row)
  sqlite.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`).run(Object.values(row))
}
const kept = (table: string, column: string) =>
  sqlite.prepare(`SELECT ${column} FROM ${table} ORDER BY 1`).pluck().all()

const client = (name: string, createdAt = T0 - 2 * DAY) =>
  insert('oauth_client', { client_id: name, redirect_uris: '[]', created_at: createdAt })
const made = { created_at: 1, updated_at: 1 }
const token = { client_id: 'used', user_id: 1, created_at: 1, scopes: '[]' }

const expiring: { table: string; name: string; time: string; grace: number; row: Record<string, unknown> }[] =
  [
    {
      table: 'idempotency_key',
      name: 'key',
      time: 'expires_at',
      grace: 0,
      row: { user_id: 1, fingerprint: 'f', task_id: 1 },
    },
    { table: 'session', name: 'token', time: 'expires_at', grace: 0, row: { user_id: 1, ...made } },
    { table: 'verification', name: 'identifier', time: 'expires_at', grace: 0, row: { value: 'v', ...made } },
    { table: 'oauth_access_token', name: 'token', time: 'expires_at', grace: 0, row: token },
    { table: 'oauth_refresh_token', name: 'token', time: 'expires_at', grace: 7 * DAY, row: token },
    { table: 'oauth_client_assertion', name: 'id', time: 'expires_at', grace: 0, row: {} },
  ]

test.each(expiring)(
  'rows of $table go when their time has come, and not before',
  async ({ table, name, time, grace, row }) => {
    client('used', T0)
    insert(table, { ...row, [name]: 'gone', [time]: T0 - grace - 1 })
    insert(table, { ...row, [name]: 'kept', [time]: T0 - grace })
    expect(await sweep(T0)).toBe(1)
    expect(kept(table, name)).toEqual(['kept'])
  },
)

test('a client that nobody used goes after a day; a used, a new and our own one stay', async () => {
  for (const name of ['unused', 'consented', 'refreshed', 'holding']) client(name)
  client('young', T0 - DAY)
  const { ensure } = grantStore(engine)
  await ensure({
    userId: 1,
    clientId: 'zuko-mcp-admin',
    clientName: 'zuko-mcp admin',
    scopes: [],
    at: T0 - 9 * DAY,
  })
  sqlite.exec(`DELETE FROM oauth_consent`)
  insert('oauth_consent', { client_id: 'consented', user_id: 1, scopes: '[]', ...made })
  const live = { ...token, expires_at: T0 + 1 }
  insert('oauth_refresh_token', { ...live, token: 'r', client_id: 'refreshed' })
  insert('oauth_access_token', { ...live, token: 'a', client_id: 'holding' })
  expect(await sweep(T0)).toBe(1)
  expect(kept('oauth_client', 'client_id')).toEqual([
    'consented',
    'holding',
    'refreshed',
    'young',
    'zuko-mcp-admin',
  ])
})

test('more rows than one batch all go', async () => {
  for (let n = 0; n < 1000; n++) insert('oauth_client_assertion', { id: `a${n}`, expires_at: 1 })
  expect(await sweep(T0)).toBe(1000)
  expect(await sweep(T0)).toBe(0)
})

test('disabling a person ends sessions and refresh tokens, of that person only', async () => {
  sqlite.exec(
    `INSERT INTO user (id, name, email, created_at, updated_at) VALUES (2, 'Eve', 'eve@example.com', 1, 1)`,
  )
  client('used')
  for (const [name, user_id] of [
    ['ada', 1],
    ['eve', 2],
  ]) {
    insert('session', { user_id, token: name, expires_at: T0, ...made })
    insert('oauth_refresh_token', { ...token, user_id, token: name, expires_at: T0 })
  }
  await peopleStore(engine).setDisabled(1, T0)
  expect([kept('session', 'token'), kept('oauth_refresh_token', 'token')]).toEqual([['eve'], ['eve']])
})

test('revoking a grant ends its tokens, and no other grant’s', async () => {
  for (const client_id of ['one', 'two']) {
    client(client_id)
    insert('oauth_consent', { client_id, user_id: 1, scopes: '[]', ...made })
    insert('oauth_refresh_token', { ...token, client_id, token: client_id, expires_at: T0 })
    insert('oauth_access_token', { ...token, client_id, token: client_id, expires_at: T0 })
  }
  expect(await grantStore(engine).revoke(1, 'one')).toBe(true)
  const tables = ['oauth_consent', 'oauth_refresh_token', 'oauth_access_token']
  expect(tables.map((table) => kept(table, 'client_id'))).toEqual([['two'], ['two'], ['two']])
})
