/** Writing the audit: one chain for each organization, whose end is also the lock of the organization's tasks. */
import { jsonText } from '../tools/json.js'
import { auditHash, FIRST_HASH } from './audit-hash.js'
import { Insertion, statement, type Work } from './statement.js'
import type { Actor, AuditEntry } from './types.js'

export interface Change {
  organizationId: number
  taskId: number
  action: AuditEntry['action']
  changes: AuditEntry['changes']
}

/** The end of a chain: how many rows it has, and the hash of the last one. */
export type Head = { position: number; hash: string }

type OfOrganization = { organizationId: number }

const HEAD = 'SELECT position, hash FROM audit_head WHERE organization_id = @organizationId'
const HOLD = statement<Head, OfOrganization>({ sqlite: HEAD, postgres: `${HEAD} FOR UPDATE` })
const BEGIN = statement<unknown, OfOrganization>(`
  INSERT INTO audit_head (organization_id, position, hash) VALUES (@organizationId, 0, '${FIRST_HASH}')
  ON CONFLICT DO NOTHING`)
const MOVE = statement<unknown, OfOrganization & Head>(`
  UPDATE audit_head SET position = @position, hash = @hash WHERE organization_id = @organizationId`)
const INSERT = statement(`
  INSERT INTO audit (at, user_id, client_id, request_id, organization_id, position, task_id, action, changes,
                     previous_hash, hash)
  VALUES (@at, @userId, @clientId, @requestId, @organizationId, @position, @taskId, @action, @changes,
          @previousHash, @hash)`)

type Row = ReturnType<typeof link>['row'] & Head

const asColumns = ({ userId, clientId, requestId, organizationId, taskId, previousHash, ...row }: Row) => ({
  ...row,
  user_id: userId,
  client_id: clientId,
  request_id: requestId,
  organization_id: organizationId,
  task_id: taskId,
  previous_hash: previousHash,
})
const ROWS = new Insertion<ReturnType<typeof asColumns>>('audit', [
  'at',
  'user_id',
  'client_id',
  'request_id',
  'organization_id',
  'position',
  'task_id',
  'action',
  'changes',
  'previous_hash',
  'hash',
])

/**
 * Holds an organization's chain until the transaction ends, and answers its end. Whoever writes an
 * organization's tasks holds it first and reads what it decides by after that; whoever holds several takes
 * them in the order of their ids. To be called for organizations that exist only: it begins a chain.
 */
export function* holdChain(organizationId: number): Work<Head> {
  const held = yield* HOLD.first({ organizationId })
  if (held) return held
  yield* BEGIN.run({ organizationId })
  return (yield* HOLD.first({ organizationId })) as Head
}

/** The next row of a chain that ends at `head`, and the chain's new end. */
function link(head: Head, actor: Actor, change: Change) {
  const { at, userId, clientId, requestId } = actor
  const { organizationId, taskId, action } = change
  const what = { organizationId, taskId, action, changes: jsonText(change.changes) }
  const row = { at, userId, clientId, requestId, ...what, previousHash: head.hash }
  return { row, end: { position: head.position + 1, hash: auditHash(row) } }
}

/** Appends one change to its organization's chain, which ends at `head` and is held; answers the new end. */
export function* appendChange(head: Head, actor: Actor, change: Change): Work<Head> {
  const { row, end } = link(head, actor, change)
  yield* INSERT.run({ ...row, ...end })
  yield* MOVE.run({ organizationId: change.organizationId, ...end })
  return end
}

/** Appends many changes of one actor, in their order, to chains that are held and end at `heads`, by organization. */
export function* appendChanges(
  heads: ReadonlyMap<number, Head>,
  actor: Actor,
  changes: readonly Change[],
): Work<void> {
  const ends = new Map(heads)
  const rows = changes.map((change) => {
    const { row, end } = link(ends.get(change.organizationId) as Head, actor, change)
    ends.set(change.organizationId, end)
    return asColumns({ ...row, ...end })
  })
  yield* ROWS.run(rows)
  for (const [organizationId, end] of ends) yield* MOVE.run({ organizationId, ...end })
}
