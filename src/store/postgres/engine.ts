import { setTimeout as sleep } from 'node:timers/promises'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool, PoolClient } from 'pg'
import { ZukoError } from '../../errors.js'
import type { Engine, Read, Viewer } from '../engine.js'
import type { Outcome, Step, Values, Work } from '../statement.js'
import { createTurns } from '../turns.js'
import { asUnavailable, isDisconnected, isTransient } from './errors.js'
import * as schema from './schema.js'

/** A statement that takes longer than this is ended by the database. */
const STATEMENT_TIMEOUT_MS = 5_000
const TRIES = 4
const PAUSE_MS = 20

const READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
const WRITE = 'BEGIN ISOLATION LEVEL READ COMMITTED'

/**
 * Settings hold for the transaction only, so that a connection pooler in transaction mode may stand in between.
 * Row-level security reads `zuko.viewer`.
 */
const begin = (how: string, viewer: Viewer, timeout = STATEMENT_TIMEOUT_MS): string =>
  `${how}; SET LOCAL statement_timeout = ${timeout}; SET LOCAL zuko.viewer = '${viewer}'`

const isMany = (values: Step['values']): values is readonly Values[] => Array.isArray(values)

async function perform(client: PoolClient, step: Step): Promise<Outcome> {
  const { text, names } = step.statement.postgres
  const values = isMany(step.values) ? { rows: JSON.stringify(step.values) } : step.values
  const given = names.map((name) => {
    if (values[name] === undefined) throw new Error(`The statement has no value for @${name}.`)
    return values[name]
  })
  const { rows, rowCount } = await client.query(text, given)
  return { rows, changes: rowCount ?? 0 }
}

async function finish<Result>(client: PoolClient, work: () => Work<Result>): Promise<Result> {
  const steps = work()
  let step = steps.next()
  while (!step.done) step = steps.next(await perform(client, step.value))
  return step.value
}

/** After a commit that was not answered nobody knows whether it holds. */
const uncertain = (cause: unknown) =>
  new ZukoError('UNAVAILABLE', 'The connection to the database broke while this was being saved.', {
    fix: 'read what is there before trying again',
    cause,
  })

async function commit(client: PoolClient, writes: boolean): Promise<void> {
  try {
    await client.query('COMMIT')
  } catch (error) {
    throw writes && isDisconnected(error) ? uncertain(error) : error
  }
}

/** One transaction on one connection; a connection that broke is thrown away. */
async function transact<Result>(
  client: PoolClient,
  { opening, writes }: { opening: string; writes: boolean },
  work: () => Work<Result>,
): Promise<Result> {
  let broken: Error | undefined
  try {
    await client.query(opening)
    const result = await finish(client, work)
    await commit(client, writes)
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: Error) => {
      broken = cause
    })
    throw error
  } finally {
    client.release(broken)
  }
}

const failed = (error: unknown): never => {
  throw asUnavailable(error)
}

/** A Postgres database, or what speaks its protocol, behind a pool; `locks` is a pool apart for `alone`. */
export function postgresEngine(pool: Pool, locks: Pool): Engine {
  async function connect(from = pool): Promise<PoolClient> {
    if (from.ending) throw new ZukoError('UNAVAILABLE', 'The store is closed.')
    return from.connect().catch(failed)
  }

  /** Runs it again where the database asks for it, or where the connection broke before the commit was sent. */
  async function patiently<Result>(
    opening: string,
    writes: boolean,
    work: () => Work<Result>,
  ): Promise<Result> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await transact(await connect(), { opening, writes }, work)
      } catch (error) {
        const again = isTransient(error) || isDisconnected(error)
        if (!again || tries === TRIES) throw asUnavailable(error)
        await sleep(PAUSE_MS * tries * (0.5 + Math.random()))
      }
    }
  }

  async function snapshot<Result>(work: (read: Read) => Promise<Result>): Promise<Result> {
    const client = await connect()
    let broken: Error | undefined
    try {
      await client.query(begin(READ, 'operator', 0)).catch(failed)
      return await work((one) => finish(client, one).catch(failed))
    } finally {
      await client.query('ROLLBACK').catch((error: Error) => {
        broken = error
      })
      client.release(broken)
    }
  }

  const inTurn = createTurns()

  /** A transaction that holds nothing but the lock, so that it ends with the connection. */
  async function locked<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const client = await connect(locks)
    let broken: Error | undefined
    try {
      await client.query('BEGIN').catch(failed)
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [name]).catch(failed)
      return await work()
    } finally {
      await client.query('ROLLBACK').catch((error: Error) => {
        broken = error
      })
      client.release(broken)
    }
  }

  const figure = async (sql: string): Promise<number> => {
    const { rows } = await pool.query({ text: sql, rowMode: 'array' }).catch(failed)
    return Number(rows[0]?.[0])
  }

  return {
    dialect: 'postgres',
    read: (viewer, work) => patiently(begin(READ, viewer), false, work),
    snapshot,
    write: (viewer, work) => patiently(begin(WRITE, viewer), true, work),
    // One connection is the whole database's only one (an embedded Postgres): there is nobody else.
    alone: (name, work) => inTurn(name, () => (pool.options.max === 1 ? work() : locked(name, work))),
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
