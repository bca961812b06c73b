/** The step of a migration that SQL cannot do: one audit chain for each organization, out of one for all. */
import type SQLite from 'better-sqlite3'
import { type AuditRow, auditHash, FIRST_HASH } from '../audit-hash.js'

/** What stands for the hash of a row that the old chain did not prove; no row can ever have it. */
export const UNPROVEN = 'unproven'

const BATCH = 1000

const ROWS = `
  SELECT id, at, user_id AS userId, client_id AS clientId, request_id AS requestId,
         organization_id AS organizationId, task_id AS taskId, action, changes,
         previous_hash AS previousHash, hash
  FROM audit WHERE id > ? ORDER BY id LIMIT ${BATCH}`
const REWRITE = 'UPDATE audit SET previous_hash = @previousHash, hash = @hash WHERE id = @id'
const HEADS = `
  INSERT INTO audit_head (organization_id, position, hash)
  SELECT organization_id, max(position), hash FROM audit GROUP BY organization_id`

interface ChainedRow extends AuditRow {
  id: number
  hash: string
}

/**
 * Follows the old chain in the order of the ids, and hashes what it proves anew, each row resting on the one
 * before it of its own organization. A break stays visible: a row that the old chain does not prove gets no
 * hash that would, and rows that are missing (nobody knows of which organization) are what the SQL of the
 * migration noted as the chain of organization 0, which never had a row.
 */
export function partChains(sqlite: SQLite.Database): void {
  const rows = sqlite.prepare<[number], ChainedRow>(ROWS)
  const rewrite = sqlite.prepare(REWRITE)
  const ends = new Map<number, string>()
  let before = { id: 0, hash: FIRST_HASH }

  const rechain = (row: ChainedRow): void => {
    const rests = row.previousHash === before.hash || row.id !== before.id + 1
    const proven = rests && auditHash(row) === row.hash
    const previousHash = ends.get(row.organizationId) ?? FIRST_HASH
    const hash = proven ? auditHash({ ...row, previousHash }) : UNPROVEN
    rewrite.run({ id: row.id, previousHash, hash })
    ends.set(row.organizationId, hash)
    before = row
  }

  for (let batch = rows.all(0); batch.length > 0; batch = rows.all(before.id)) batch.forEach(rechain)
  sqlite.exec(HEADS)
}
