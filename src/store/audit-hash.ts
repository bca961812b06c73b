import { createHash } from 'node:crypto'
import type { audit } from './schema.js'

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
