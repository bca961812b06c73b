import { createHash } from 'node:crypto'
import type { audit } from './schema.js'

/** What the first row of a chain takes for its previous hash. */
export const FIRST_HASH = '0'.repeat(64)

/** What a row's hash is made of. */
export type AuditRow = Omit<typeof audit.$inferSelect, 'id' | 'position' | 'hash'>

/**
 * The hash of an audit row, in lower-case hex: SHA-256 over the UTF-8 bytes of the JSON array
 * `[previousHash, at, userId, clientId, requestId, organizationId, taskId, action, changes]`, without spaces,
 * where `changes` is the column's text as it is stored. The order of a chain is that of the positions in its
 * organization.
 */
export const auditHash = (row: AuditRow): string =>
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
