import type { Log } from '../log.js'
import { auditStore } from './audit.js'
import { browseStore } from './browse.js'
import { clientStore } from './clients.js'
import { connect } from './connection.js'
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
import { sqliteEngine } from './sqlite/engine.js'
import { openFile } from './sqlite/file.js'
import { sweeper } from './sweep.js'
import { taskStore } from './tasks.js'
import type { Store } from './types.js'

export interface OpenStore extends Store {
  /** What better-auth's `database` option takes: the same connection, so that both see the same rows. */
  authDatabase: Engine['authDatabase']
}

/**
 * Opens the store at `path`, a file or `:memory:`, made and migrated when it is new.
 * @throws ZukoError FAILED or UNAVAILABLE with one line on why it cannot be used, and what to do
 */
export async function openStore(path: string, options: { log?: Log } = {}): Promise<OpenStore> {
  const sqlite = await openFile(path)
  options.log?.debug({ path }, 'store opened')
  const connection = connect(sqlite)
  const engine = sqliteEngine(sqlite)
  const alive = sqlite.prepare('SELECT id FROM organization LIMIT 1')
  return {
    tasks: taskStore(connection),
    organizations: organizationStore(connection),
    members: memberStore(connection),
    people: peopleStore(connection),
    principals: principalStore(connection),
    keys: keyStore(connection),
    clients: clientStore(connection),
    grants: grantStore(connection),
    audit: auditStore(connection),
    seeds: seedStore(connection),
    imports: importStore(connection),
    exports: exportStore(connection),
    madeUp: madeUpStore(connection),
    browse: browseStore(connection),
    operator: operatorStore(connection),
    authDatabase: engine.authDatabase,
    ping: () => connection.read(() => void alive.get()),
    sweep: sweeper(connection),
    close: () => engine.close(),
  }
}
