import type { Database } from '../database-url.js'
import type { Log } from '../log.js'
import { allowanceStore } from './allowances.js'
import { auditStore } from './audit.js'
import { browseStore } from './browse.js'
import { clientStore } from './clients.js'
import { refuseUnfinished } from './copy-ledger.js'
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
import type { AllowanceStore, Store } from './types.js'

/** What processes that serve side by side on one machine hold together, where their database cannot: on SQLite. */
export interface Siblings {
  alone: Engine['alone']
  allowances: AllowanceStore
}

export interface OpenStore extends Store {
  /** What better-auth's `database` option takes: the same connection, so that both see the same rows. */
  authDatabase: Engine['authDatabase']
  /** Runs `work` while no node of this store runs work under the same name. */
  alone: Engine['alone']
  /** Bytes of the database, and of the log beside it. */
  size: Engine['size']
  /** Undefined where one process keeps the allowances itself: on SQLite, without siblings. */
  allowances: AllowanceStore | undefined
}

/** A database, opened and migrated. One driver is loaded, and not the other. */
export async function openEngine(database: Database, log?: Log): Promise<Engine> {
  if (typeof database === 'string') return (await import('./sqlite/open.js')).openSqlite(database, log)
  return (await import('./postgres/open.js')).openPostgres(database, log)
}

const alive = statement('SELECT id FROM organization LIMIT 1')

/**
 * Opens the store: a file, `:memory:`, or a Postgres database, made and migrated when it is new.
 * @throws ZukoError with one line on why it cannot be used, and what to do
 */
export async function openStore(
  database: Database,
  { log, siblings }: { log?: Log; siblings?: Siblings | undefined } = {},
): Promise<OpenStore> {
  const engine = await openEngine(database, log)
  try {
    await refuseUnfinished(engine)
    return { ...storeOver(engine), ...(engine.dialect === 'sqlite' ? siblings : {}) }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** The store over an engine whose database is migrated. */
export const storeOver = (engine: Engine): OpenStore => ({
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
  imports: importStore(engine),
  exports: exportStore(engine),
  madeUp: madeUpStore(engine),
  browse: browseStore(engine),
  operator: operatorStore(engine),
  authDatabase: engine.authDatabase,
  alone: (name, work) => engine.alone(name, work),
  size: () => engine.size(),
  allowances: allowanceStore(engine),
  ping: () => engine.read('operator', () => alive.first({})).then(() => undefined),
  sweep: sweeper(engine),
  close: () => engine.close(),
})
