import type { auditHash } from '../../src/store/audit-hash.js'
import type { Engine } from '../../src/store/engine.js'
import { statement } from '../../src/store/statement.js'

/** Runs statements past the store's own nouns, on either database. */
export async function execute(engine: Engine, ...texts: string[]): Promise<void> {
  await engine.write('operator', function* () {
    for (const text of texts) yield* statement(text).run({})
  })
}

/** The rows of a statement past the store's own nouns. */
export const rowsOf = <Row>(engine: Engine, text: string): Promise<Row[]> =>
  engine.read('operator', () => statement<Row>(text).all({}))

/** Ada, who is in two organizations, Acme (1) and Globex (2). */
export const addTwoOrganizations = (engine: Engine): Promise<void> =>
  execute(
    engine,
    `INSERT INTO "user" (id, name, email, created_at, updated_at) VALUES (1, 'Ada', 'ada', 1, 1)`,
    `INSERT INTO organization (id, name, slug, created_at) VALUES (1, 'Acme', 'acme', 1), (2, 'Globex', 'globex', 1)`,
    'INSERT INTO member (organization_id, user_id, created_at) VALUES (1, 1, 1), (2, 1, 1)',
  )

/** A whole row of the audit, as `auditHash` takes it. */
export type StoredChange = Parameters<typeof auditHash>[0] & { id: number; position: number; hash: string }

export const storedChanges = (engine: Engine): Promise<StoredChange[]> =>
  rowsOf(
    engine,
    `SELECT id, at, user_id AS "userId", client_id AS "clientId", request_id AS "requestId",
            organization_id AS "organizationId", position, task_id AS "taskId", action, changes,
            previous_hash AS "previousHash", hash
     FROM audit ORDER BY organization_id, position`,
  )
