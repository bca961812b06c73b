import { setImmediate as breathe } from 'node:timers/promises'
import { asc, gt } from 'drizzle-orm'
import { auditHash, FIRST_HASH } from './audit-hash.js'
import type { Connection } from './connection.js'
import { audit } from './schema.js'
import type { AuditProof, AuditStore } from './types.js'

const STEP = 5000

/** Ids of the audit follow one another; SQLite itself remembers the last one it gave. */
const LAST_GIVEN = `SELECT seq FROM sqlite_sequence WHERE name = 'audit'`

/**
 * Follows the chain from its first row: each id follows the last, each row rests on the hash before it, each
 * hash is that of its row, and the last row is the last that was ever written.
 */
export function auditVerifier({ sqlite, db, read }: Connection): AuditStore['verify'] {
  const lastGiven = sqlite.prepare<[], number>(LAST_GIVEN).pluck()

  return async (seen) => {
    let [last, hash] = [0, FIRST_HASH]
    const step = (): AuditProof | undefined => {
      const rows = db.select().from(audit).where(gt(audit.id, last)).orderBy(asc(audit.id)).limit(STEP).all()
      for (const row of rows) {
        if (row.id !== last + 1) return { rows: last, broken: { id: last + 1, what: 'removed' } }
        const sound = row.previousHash === hash && auditHash(row) === row.hash
        if (!sound) return { rows: last, broken: { id: row.id, what: 'altered' } }
        ;[last, hash] = [row.id, row.hash]
      }
      if (rows.length === STEP) return undefined
      const cut = (lastGiven.get() ?? 0) > last
      return { rows: last, ...(cut && { broken: { id: last + 1, what: 'removed' } }) }
    }
    for (;;) {
      const proof = await read(step)
      seen?.(last)
      if (proof) return proof
      await breathe()
    }
  }
}
