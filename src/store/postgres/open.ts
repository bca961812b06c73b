import type { Pool } from 'pg'
import { shownDatabase } from '../../database-url.js'
import type { Log } from '../../log.js'
import type { Engine } from '../engine.js'
import { postgresEngine } from './engine.js'
import { migrate } from './migrate.js'
import { openPools } from './pool.js'
import { asRefusal, refuseOldServer } from './refusals.js'

/** Passes by row-level security: the second fence around organizations does not hold for such a user. */
const UNFENCED = 'SELECT rolsuper OR rolbypassrls AS unfenced FROM pg_roles WHERE rolname = current_user'

async function prepare(pool: Pool, log: Log | undefined): Promise<void> {
  const { rows: versions } = await pool.query('SHOW server_version_num')
  refuseOldServer(Number(versions[0]?.server_version_num))
  await migrate(pool)
  const { rows: users } = await pool.query(UNFENCED)
  if (!users[0]?.unfenced) return
  log?.warn('row-level security does not hold for the user in DATABASE_URL; use one that is no superuser')
}

/**
 * The store in the database at `url`, migrated.
 * @throws ZukoError with one line on why it cannot be used, and what to do: UNAVAILABLE where that may pass,
 * CONFIGURATION where DATABASE_URL is wrong, FAILED for a database that cannot hold a store
 */
export async function openPostgres(url: URL, log?: Log): Promise<Engine> {
  const { pool, locks } = openPools(url, log)
  try {
    await prepare(pool, log)
    log?.debug({ database: shownDatabase(url) }, 'store opened')
    return postgresEngine(pool, locks)
  } catch (error) {
    await Promise.all([pool.end(), locks.end()])
    throw asRefusal(error, url)
  }
}
