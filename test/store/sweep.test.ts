import { beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { grantStore } from '../../src/store/grants.js'
import { peopleStore } from '../../src/store/people.js'
import { Insertion, statement, type Values } from '../../src/store/statement.js'
import { sweeper } from '../../src/store/sweep.js'
import { KINDS, onEvery } from '../helpers/databases.js'
import { execute, rowsOf } from '../helpers/engines.js'
import { T0 } from '../helpers/store.js'

onEvery(KINDS, (databases) => {
  const DAY = 86_400_000
  let engine: Engine
  let sweep: ReturnType<typeof sweeper>

  const person = (id: number, name: string) =>
    execute(
      engine,
      `INSERT INTO "user" (id, name, email, created_at, updated_at) VALUES (${id}, '${name}', '${name}', 1, 1)`,
    )

  beforeEach(async () => {
    await databases.store()
    engine = await databases.engine()
    await person(1, 'ada')
    sweep = sweeper(engine)
  })

  const insert = (table: string, row: Values) => {
    const names = Object.keys(row)
    const into = `INSERT INTO ${table} (${names}) VALUES (${names.map((name) => `@${name}`)})`
    return engine.write('operator', () => statement<unknown, Values>(into).run(row))
  }
  const kept = async (table: string, column: string) => {
    const rows = await rowsOf<{ kept: string }>(engine, `SELECT ${column} AS kept FROM ${table} ORDER BY 1`)
    return rows.map((row) => row.kept)
  }

  const client = (name: string, createdAt = T0 - 2 * DAY) =>
    insert('oauth_client', { client_id: name, redirect_uris: '[]', created_at: createdAt })
  const made = { created_at: 1, updated_at: 1 }
  const token = { client_id: 'used', user_id: 1, created_at: 1, scopes: '[]' }

  const expiring: { table: string; name: string; time: string; grace: number; row: Values }[] = [
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
      await client('used', T0)
      await insert(table, { ...row, [name]: 'gone', [time]: T0 - grace - 1 })
      await insert(table, { ...row, [name]: 'kept', [time]: T0 - grace })
      expect(await sweep(T0)).toBe(1)
      expect(await kept(table, name)).toEqual(['kept'])
    },
  )

  test('a client that nobody used goes after a day; a used, a new and our own one stay', async () => {
    for (const name of ['unused', 'consented', 'refreshed', 'holding']) await client(name)
    await client('young', T0 - DAY)
    const { ensure } = grantStore(engine)
    await ensure({
      userId: 1,
      clientId: 'zuko-mcp-admin',
      clientName: 'zuko-mcp admin',
      scopes: [],
      at: T0 - 9 * DAY,
    })
    await execute(engine, 'DELETE FROM oauth_consent')
    await insert('oauth_consent', { client_id: 'consented', user_id: 1, scopes: '[]', ...made })
    const live = { ...token, expires_at: T0 + 1 }
    await insert('oauth_refresh_token', { ...live, token: 'r', client_id: 'refreshed' })
    await insert('oauth_access_token', { ...live, token: 'a', client_id: 'holding' })
    expect(await sweep(T0)).toBe(1)
    expect(await kept('oauth_client', 'client_id')).toEqual([
      'consented',
      'holding',
      'refreshed',
      'young',
      'zuko-mcp-admin',
    ])
  })

  test('more rows than one batch all go', async () => {
    const rows = Array.from({ length: 1000 }, (_, n) => ({ id: `a${n}`, expires_at: 1 }))
    const insertion = new Insertion<(typeof rows)[number]>('oauth_client_assertion', ['id', 'expires_at'])
    await engine.write('operator', () => insertion.run(rows))
    expect(await sweep(T0)).toBe(1000)
    expect(await sweep(T0)).toBe(0)
  })

  test('disabling a person ends sessions and refresh tokens, of that person only', async () => {
    await person(2, 'eve')
    await client('used')
    for (const [name, user_id] of [
      ['ada', 1],
      ['eve', 2],
    ] as const) {
      await insert('session', { user_id, token: name, expires_at: T0, ...made })
      await insert('oauth_refresh_token', { ...token, user_id, token: name, expires_at: T0 })
    }
    await peopleStore(engine).setDisabled(1, T0)
    expect([await kept('session', 'token'), await kept('oauth_refresh_token', 'token')]).toEqual([
      ['eve'],
      ['eve'],
    ])
  })

  test('revoking a grant ends its tokens, and no other grant’s', async () => {
    for (const client_id of ['one', 'two']) {
      await client(client_id)
      await insert('oauth_consent', { client_id, user_id: 1, scopes: '[]', ...made })
      await insert('oauth_refresh_token', { ...token, client_id, token: client_id, expires_at: T0 })
      await insert('oauth_access_token', { ...token, client_id, token: client_id, expires_at: T0 })
    }
    expect(await grantStore(engine).revoke(1, 'one')).toBe(true)
    const tables = ['oauth_consent', 'oauth_refresh_token', 'oauth_access_token']
    expect(await Promise.all(tables.map((table) => kept(table, 'client_id')))).toEqual([
      ['two'],
      ['two'],
      ['two'],
    ])
  })
})
