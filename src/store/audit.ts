import { and, desc, eq, lt } from 'drizzle-orm'
import { jsonText } from '../tools/json.js'
import { auditHash, FIRST_HASH } from './audit-hash.js'
import { auditVerifier } from './audit-proof.js'
import type { Connection } from './connection.js'
import { audit } from './schema.js'
import type { Actor, AuditEntry, AuditFilter, AuditStore } from './types.js'

export interface Change {
  organizationId: number
  taskId: number
  action: AuditEntry['action']
  changes: AuditEntry['changes']
}

type Append = (actor: Actor, change: Change) => void

/**
 * Appends to the chain. A writer is good for one transaction, inside which it is made: it reads the last
 * hash once and knows every one that it adds itself.
 */
export function auditAppender({ sqlite }: Connection): () => Append {
  const last = sqlite.prepare<[], string>('SELECT hash FROM audit ORDER BY id DESC LIMIT 1').pluck()
  const insert = sqlite.prepare(`
    INSERT INTO audit (at, user_id, client_id, request_id, organization_id, task_id, action, changes, previous_hash, hash)
    VALUES (@at, @userId, @clientId, @requestId, @organizationId, @taskId, @action, @changes, @previousHash, @hash)`)

  return () => {
    let previousHash = last.get() ?? FIRST_HASH
    return ({ at, userId, clientId, requestId }, { organizationId, taskId, action, changes }) => {
      const what = { organizationId, taskId, action, changes: jsonText(changes) }
      const row = { at, userId, clientId, requestId, ...what, previousHash }
      const hash = auditHash(row)
      insert.run({ ...row, hash })
      previousHash = hash
    }
  }
}

/** Appends one change to the chain; to be called inside the transaction of the change itself. */
export function auditWriter(connection: Connection): Append {
  const append = auditAppender(connection)
  return (actor, change) => append()(actor, change)
}

const asEntry = ({ previousHash, hash, changes, ...entry }: typeof audit.$inferSelect): AuditEntry => ({
  ...entry,
  changes: JSON.parse(changes) as AuditEntry['changes'],
})

export function auditStore(connection: Connection): AuditStore {
  const { db, read } = connection

  function list({ taskId, userId, before, limit }: AuditFilter): AuditEntry[] {
    const ofTask = taskId === undefined ? undefined : eq(audit.taskId, taskId)
    const ofUser = userId === undefined ? undefined : eq(audit.userId, userId)
    const older = before === undefined ? undefined : lt(audit.id, before)
    const rows = db
      .select()
      .from(audit)
      .where(and(ofTask, ofUser, older))
    return rows.orderBy(desc(audit.id)).limit(limit).all().map(asEntry)
  }

  return {
    list: (filter) => read(() => list(filter)),
    find: (id) =>
      read(() => {
        const row = db.select().from(audit).where(eq(audit.id, id)).get()
        return row && asEntry(row)
      }),
    verify: auditVerifier(connection),
  }
}
