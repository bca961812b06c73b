import type { Database } from '../database-url.js'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { auditStore } from './audit.js'
import { browseStore } from './browse.js'
import { clientStore } from './clients.js'
import type { Connection } from './connection.js'
import type { Engine } from './engine.js'
import { exportStore } from './exports.js'
import { grantStore } from './grants.js'
import { importStore } from './imports.js'
import { keyStore } from './keys.js'
import { madeUpStore } from './made-up.js'
import { memberStore } from './members.js'
import { operatorStore } from './operator.js'
import { organizationStore } from './organizations.js'
import { peopleStore } from './people.js'
import { principalStore } from './principals.js'
import { seedStore } from './seeds.js'
import { statement } from './statement.js'
import { sweeper } from './sweep.js'
import { taskStore } from './tasks.js'
import type { Store } from './types.js'

export interface OpenStore extends Store {
  /** What better-auth's `database` option takes: the same connection, so that both see the same rows. */
  /** Runs `work` while no node of this store runs work under the same name. */
  alone: Engine['alone']
  authDatabase: Engine['authDatabase']
}

/** Stands in on Postgres for the nouns that still need SQLite's own connection: whatever is asked of them fails. */
function noConnection(): Connection {
  const none: object = new Proxy(() => none, { get: () => none, apply: () => none })
  const refuse = async () => {
    throw new ZukoError('FAILED', 'This part of the store does not run on Postgres.')
  }
  return { sqlite: none, db: none, read: refuse, write: refuse } as unknown as Connection
}

/** One driver is loaded, and not the other. */
async function openEngine(
  database: Database,
  log?: Log,
): Promise<{ engine: Engine; connection: Connection }> {
  if (typeof database === 'string') return (await import('./sqlite/open.js')).openSqlite(database, log)
  const { openPostgres } = await import('./postgres/open.js')
  return { engine: await openPostgres(database, log), connection: noConnection() }
}

const alive = statement('SELECT id FROM organization LIMIT 1')

/**
 * Opens the store: a file, `:memory:`, or a Postgres database, made and migrated when it is new.
 * @throws ZukoError with one line on why it cannot be used, and what to do
 */
export async function openStore(database: Database, options: { log?: Log } = {}): Promise<OpenStore> {
  const { engine, connection } = await openEngine(database, options.log)
  return storeOver(engine, connection)
}

/** The store over an engine whose database is migrated. */
export const storeOver = (engine: Engine, connection = noConnection()): OpenStore => ({
  tasks: taskStore(engine),
  organizations: organizationStore(engine),
  members: memberStore(engine),
  people: peopleStore(engine),
  principals: principalStore(engine),
  keys: keyStore(engine),
  clients: clientStore(engine),
  grants: grantStore(engine),
  audit: auditStore(engine),
  seeds: seedStore(engine),
  imports: importStore(connection),
  exports: exportStore(connection),
  madeUp: madeUpStore(connection),
  browse: browseStore(engine),
  operator: operatorStore(engine),
  alone: (name, work) => engine.alone(name, work),
  authDatabase: engine.authDatabase,
  ping: () => engine.read('operator', () => alive.first({})).then(() => undefined),
  sweep: sweeper(engine),
  close: () => engine.close(),
})
