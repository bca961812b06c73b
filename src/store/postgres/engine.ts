import { setTimeout as sleep } from 'node:timers/promises'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool, PoolClient } from 'pg'
import { ZukoError } from '../../errors.js'
import type { Engine, Read } from '../engine.js'
import { createTurns } from '../turns.js'
import { asUnavailable, isDisconnected, isTransient } from './errors.js'
import * as schema from './schema.js'
import { begin, commitWrites, finish, READ, transact, WRITE } from './transaction.js'

const TRIES = 4
const PAUSE_MS = 20
/** How long a lock by name is waited for: longer than any work under one takes. */
const LOCK_TIMEOUT_MS = 30_000

const failed = (error: unknown): never => {
  throw asUnavailable(error)
}

async function connect(pool: Pool): Promise<PoolClient> {
  if (pool.ending) throw new ZukoError('UNAVAILABLE', 'The store is closed.')
  return pool.connect().catch(failed)
}

/** Runs it again where the database asks for it, or where the connection broke before the commit was sent. */
async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const again = isTransient(error) || isDisconnected(error)
      if (!again || tries === TRIES) throw asUnavailable(error)
      await sleep(PAUSE_MS * tries * (0.5 + Math.random()))
    }
  }
}

/** A connection in a transaction that holds nothing but the lock, which so ends with the connection. */
const lock = (pool: Pool, name: string): Promise<PoolClient> =>
  patiently(async () => {
    const client = await connect(pool)
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name])
      return client
    } catch (error) {
      client.release(error as Error)
      throw error
    }
  })

/** What the work answers holds, whatever became of the lock in the meantime. */
async function locked<Result>(pool: Pool, name: string, work: () => Promise<Result>): Promise<Result> {
  const client = await lock(pool, name)
  let broken: Error | undefined
  try {
    return await work()
  } finally {
    await client.query('COMMIT').catch((error: Error) => {
      broken = error
    })
    client.release(broken)
  }
}

/** A Postgres database, or what speaks its protocol, behind a pool; `locks` is a pool apart for `alone`. */
export function postgresEngine(pool: Pool, locks: Pool): Engine {
  const inTurn = createTurns()

  async function snapshot<Result>(work: (read: Read) => Promise<Result>): Promise<Result> {
    const client = await connect(pool)
    const open = () => client.query(begin(READ, 'operator', 0)).catch(failed)
    const read: Read = (one) => finish(client, one).catch(failed)
    return transact(client, { open, work: () => work(read) })
  }

  const figure = async (sql: string): Promise<number> => {
    const { rows } = await pool.query({ text: sql, rowMode: 'array' }).catch(failed)
    return Number(rows[0]?.[0])
  }

  return {
    dialect: 'postgres',
    read: (viewer, work) =>
      patiently(async () => {
        const client = await connect(pool)
        const open = () => client.query(begin(READ, viewer))
        return transact(client, { open, work: () => finish(client, work) })
      }),
    snapshot,
    write: (viewer, work) =>
      patiently(async () => {
        const client = await connect(pool)
        const open = () => client.query(begin(WRITE, viewer))
        return transact(client, { open, work: () => finish(client, work), end: commitWrites })
      }),
    // One connection is the whole database's only one (an embedded Postgres): there is nobody else.
    alone: (name, work) => inTurn(name, () => (pool.options.max === 1 ? work() : locked(locks, name, work))),
    inBulk: (work) => work(),
    revision: () => figure('SELECT pg_snapshot_xmax(pg_current_snapshot())::text'),
    size: async () => ({ bytes: await figure('SELECT pg_database_size(current_database())'), logBytes: 0 }),
    // To the adapter "pg" means that lists and JSON are columns of their own types; here they are text, as in SQLite.
    authDatabase: drizzleAdapter(drizzle(pool, { schema }), { provider: 'sqlite', schema }),
    close: async () => {
      if (!pool.ending) await Promise.all([pool.end(), locks.end()])
    },
  }
}
