import type { PoolClient } from 'pg'
import { ZukoError } from '../../errors.js'
import type { Viewer } from '../engine.js'
import type { Outcome, Step, Values, Work } from '../statement.js'
import { isDisconnected } from './errors.js'

/** A statement that takes longer than this is ended by the database. */
const STATEMENT_TIMEOUT_MS = 5_000

export const READ = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'
export const WRITE = 'BEGIN ISOLATION LEVEL READ COMMITTED'

/**
 * What a person's call joins are single rows, found by their keys. Where most keys are low, the planner takes a
 * merge join for cheap, which for a high one reads the other table's index from its start.
 */
const BY_KEY = '; SET LOCAL enable_mergejoin = off'

/**
 * Settings hold for the transaction only, so that a connection pooler in transaction mode may stand in between.
 * Row-level security reads `zuko.viewer`.
 */
export const begin = (how: string, viewer: Viewer, timeout = STATEMENT_TIMEOUT_MS): string =>
  `${how}; SET LOCAL statement_timeout = ${timeout}; SET LOCAL zuko.viewer = '${viewer}'` +
  (viewer === 'operator' ? '' : BY_KEY)

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

/** Runs work to its end, statement by statement, in the transaction that is open. */
export async function finish<Result>(client: PoolClient, work: () => Work<Result>): Promise<Result> {
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

/** Commits what was written. @throws ZukoError UNAVAILABLE where nobody knows whether it holds */
export async function commitWrites(client: PoolClient): Promise<void> {
  await client.query('COMMIT').catch((error: unknown) => {
    throw isDisconnected(error) ? uncertain(error) : error
  })
}

interface Transaction<Result> {
  open(client: PoolClient): Promise<unknown>
  work(): Promise<Result>
  /** How it ends when the work is done: with its commit. */
  end?(client: PoolClient): Promise<unknown>
}

/** One transaction on one connection, which is let go afterwards; one that broke is thrown away. */
export async function transact<Result>(
  client: PoolClient,
  { open, work, end = () => client.query('COMMIT') }: Transaction<Result>,
): Promise<Result> {
  let broken: Error | undefined
  try {
    await open(client)
    const result = await work()
    await end(client)
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
