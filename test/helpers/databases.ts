/** Every kind of database that the store runs on, empty and ready for a test. */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, describe } from 'vitest'
import type { Database } from '../../src/database-url.js'
import type { Engine } from '../../src/store/engine.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { postgresEngine } from '../../src/store/postgres/engine.js'
import { openPools } from '../../src/store/postgres/pool.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { startPglite } from './pglite.js'
import { putBack } from './put-back.js'
import { type Crm, seedCrm } from './store.js'

export const KINDS = ['sqlite', 'pglite', 'postgres', 'pgbouncer'] as const
export type Kind = (typeof KINDS)[number]

/** What names a server of our own to test against: its user may create databases. */
const VARIABLES = { postgres: 'ZUKO_TEST_POSTGRES', pgbouncer: 'ZUKO_TEST_PGBOUNCER' } as const

/** A database somewhere; `query` reaches it past the store. */
interface Place {
  url: string
  query(sql: string): Promise<Record<string, unknown>[]>
  stop(): Promise<void>
}

/** A new database on the server that the variable names. */
async function createdOn(variable: string): Promise<Place> {
  const server = process.env[variable] as string
  const name = `zuko_test_${randomUUID().replaceAll('-', '')}`
  const url = new URL(`/${name}`, server).href
  const on = async (at: string, sql: string, asOperator = false) => {
    const client = new pg.Client({ connectionString: at })
    await client.connect()
    try {
      if (asOperator) await client.query(`BEGIN; SET LOCAL zuko.viewer = 'operator'`)
      const { rows } = await client.query(sql)
      if (asOperator) await client.query('COMMIT')
      return rows
    } finally {
      await client.end()
    }
  }
  await on(server, `CREATE DATABASE ${name}`)
  return {
    url,
    query: (sql) => on(url, sql, true),
    stop: async () => void (await on(server, `DROP DATABASE ${name} WITH (FORCE)`)),
  }
}

export interface Databases {
  kind: Kind
  /** An empty database; the same one each time, and what was open on it is closed. SQLite's is in memory. */
  database(): Promise<Database>
  /** A store over an empty database. */
  store(): Promise<OpenStore>
  /** A store that holds what `seedCrm` puts there; made once, and put back each time. */
  crm(): Promise<{ store: OpenStore; crm: Crm }>
  /** An engine over an empty database; on Postgres without the store's tables, unless a store was there before. */
  engine(): Promise<Engine>
  /** Where the database is, as it stands; on Postgres only. */
  at(): Promise<URL>
  /** Runs a statement past the store, on Postgres only. */
  query(sql: string): Promise<Record<string, unknown>[]>
}

function databasesOf(kind: Kind): Databases & { stop(): Promise<void> } {
  const open = new Set<{ close(): Promise<void> }>()
  let place: Promise<Place> | undefined
  let made: { store: OpenStore; crm: Crm; again: string } | undefined
  const found = () => {
    place ??= kind === 'pglite' ? startPglite() : createdOn(VARIABLES[kind as keyof typeof VARIABLES])
    return place
  }
  const closeAll = async () => {
    made = undefined
    for (const one of open) await one.close()
    open.clear()
  }
  const keep = <Opened extends { close(): Promise<void> }>(one: Opened): Opened => {
    open.add(one)
    return one
  }
  const database = async () => {
    await closeAll()
    if (kind === 'sqlite') return ':memory:'
    const { url, query } = await found()
    await query(await putBack(query, { empty: true }))
    return new URL(url)
  }
  const store = async () => keep(await openStore(await database()))
  return {
    kind,
    database,
    store,
    async crm() {
      if (made) await (await found()).query(made.again)
      else {
        const empty = await store()
        const crm = await seedCrm(empty)
        if (kind === 'sqlite') return { store: empty, crm }
        made = { store: empty, crm, again: await putBack((await found()).query, { empty: false }) }
      }
      return made
    },
    async engine() {
      const at = await database()
      if (typeof at === 'string') return keep(sqliteEngine(await openFile(at)))
      const { pool, locks } = openPools(at)
      return keep(postgresEngine(pool, locks))
    },
    at: async () => new URL((await found()).url),
    query: async (sql) => (await found()).query(sql),
    async stop() {
      await closeAll()
      await (await place)?.stop()
    },
  }
}

/** Why a kind is left out: there is no server to run on, or PGlite would stand in for one that is there. */
function leftOut(kind: Kind, kinds: readonly Kind[]): string | undefined {
  if (kind === 'sqlite') return undefined
  if (kind === 'pglite')
    return kinds.includes('postgres') && process.env[VARIABLES.postgres] ? 'postgres is there' : undefined
  return process.env[VARIABLES[kind]] ? undefined : `${VARIABLES[kind]} names no server`
}

/** The same tests on each kind of database. */
export function onEvery(kinds: readonly Kind[], tests: (databases: Databases) => void): void {
  for (const kind of kinds) {
    const why = leftOut(kind, kinds)
    describe.skipIf(why)(`on ${kind}${why ? `: ${why}` : ''}`, () => {
      const one = databasesOf(kind)
      afterAll(one.stop)
      tests(one)
    })
  }
}
