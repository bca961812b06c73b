import { jsonText } from '../tools/json.js'
import type { Change, Head } from './audit-chain.js'
import { auditHash, FIRST_HASH } from './audit-hash.js'
import type { Connection } from './connection.js'
import type { Actor } from './types.js'

/** Appends to the chains of the audit. A writer is good for one transaction, inside which it is made. */
export function auditAppender({ sqlite }: Connection): () => (actor: Actor, change: Change) => void {
  const last = sqlite.prepare<[number], Head>(
    'SELECT position, hash FROM audit_head WHERE organization_id = ?',
  )
  const move = sqlite.prepare(`
    INSERT INTO audit_head (organization_id, position, hash) VALUES (@organizationId, @position, @hash)
    ON CONFLICT (organization_id) DO UPDATE SET position = excluded.position, hash = excluded.hash`)
  const insert = sqlite.prepare(`
    INSERT INTO audit (at, user_id, client_id, request_id, organization_id, position, task_id, action, changes,
                       previous_hash, hash)
    VALUES (@at, @userId, @clientId, @requestId, @organizationId, @position, @taskId, @action, @changes,
            @previousHash, @hash)`)

  return () =>
    ({ at, userId, clientId, requestId }, { organizationId, taskId, action, changes }) => {
      const head = last.get(organizationId) ?? { position: 0, hash: FIRST_HASH }
      const what = { organizationId, taskId, action, changes: jsonText(changes) }
      const row = { at, userId, clientId, requestId, ...what, previousHash: head.hash }
      const end = { position: head.position + 1, hash: auditHash(row) }
      insert.run({ ...row, ...end })
      move.run({ organizationId, ...end })
    }
}
