import { createHash } from 'node:crypto'
import { and, desc, eq } from 'drizzle-orm'
import { jsonText } from '../tools/json.js'
import type { Connection } from './connection.js'
import { audit } from './schema.js'
import type { Actor, AuditEntry, AuditStore } from './types.js'

/** What the first row of the chain takes for its previous hash. */
export const FIRST_HASH = '0'.repeat(64)

type Row = Omit<typeof audit.$inferSelect, 'id' | 'hash'>

/**
 * The hash of an audit row, in lower-case hex: SHA-256 over the UTF-8 bytes of the JSON array
 * `[previousHash, at, userId, clientId, requestId, organizationId, taskId, action, changes]`, without spaces,
 * where `changes` is the column's text as it is stored. The order of the chain is the order of the ids.
 */
export const auditHash = (row: Row): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        row.previousHash,
        row.at,
        row.userId,
        row.clientId,
        row.requestId,
        row.organizationId,
        row.taskId,
        row.action,
        row.changes,
      ]),
    )
    .digest('hex')

export interface Change {
  organizationId: number
  taskId: number
  action: AuditEntry['action']
  changes: AuditEntry['changes']
}

/** Appends to the chain; to be called inside the transaction of the change itself. */
export function auditWriter({ sqlite }: Connection): (actor: Actor, change: Change) => void {
  const last = sqlite.prepare('SELECT hash FROM audit ORDER BY id DESC LIMIT 1').pluck()
  const insert = sqlite.prepare(`
    INSERT INTO audit (at, user_id, client_id, request_id, organization_id, task_id, action, changes, previous_hash, hash)
    VALUES (@at, @userId, @clientId, @requestId, @organizationId, @taskId, @action, @changes, @previousHash, @hash)`)
  return ({ at, userId, clientId, requestId }, { organizationId, taskId, action, changes }) => {
    const previousHash = (last.get() as string | undefined) ?? FIRST_HASH
    const what = { organizationId, taskId, action, changes: jsonText(changes) }
    const row = { at, userId, clientId, requestId, ...what, previousHash }
    insert.run({ ...row, hash: auditHash(row) })
  }
}

export const auditStore = ({ db, read }: Connection): AuditStore => ({
  list: ({ taskId, userId, limit }) =>
    read(() => {
      const ofTask = taskId === undefined ? undefined : eq(audit.taskId, taskId)
      const ofUser = userId === undefined ? undefined : eq(audit.userId, userId)
      const rows = db
        .select()
        .from(audit)
        .where(and(ofTask, ofUser))
        .orderBy(desc(audit.id))
        .limit(limit)
        .all()
      return rows.map(({ organizationId, previousHash, hash, changes, ...entry }) => ({
        ...entry,
        changes: JSON.parse(changes) as AuditEntry['changes'],
      }))
    }),
})
