import { auditVerifier } from './audit-proof.js'
import type { Engine } from './engine.js'
import { statement } from './statement.js'
import type { AuditEntry, AuditFilter, AuditStore } from './types.js'

type Row = Omit<AuditEntry, 'changes'> & { changes: string }
type Filter = Required<{ [Key in keyof AuditFilter]: number }>

const selected = (condition: string): string => `
  SELECT id, at, user_id AS "userId", client_id AS "clientId", request_id AS "requestId",
         organization_id AS "organizationId", task_id AS "taskId", action, changes
  FROM audit WHERE ${condition}`
const listed = (condition: string) =>
  statement<Row, Filter>(`${selected(`${condition} id < @before`)} ORDER BY id DESC LIMIT @limit`)

const ALL = listed('')
const OF_TASK = listed('task_id = @taskId AND')
const OF_USER = listed('user_id = @userId AND')
const OF_BOTH = listed('task_id = @taskId AND user_id = @userId AND')
const ONE = statement<Row, { id: number }>(selected('id = @id'))

/** Above the highest id. */
const NO_ID = 2_147_483_647

const asEntry = (row: Row): AuditEntry => ({
  ...row,
  changes: JSON.parse(row.changes) as AuditEntry['changes'],
})

export function auditStore(engine: Engine): AuditStore {
  return {
    async list({ taskId, userId, before = NO_ID, limit }) {
      const ofTask = userId === undefined ? OF_TASK : OF_BOTH
      const wanted = taskId === undefined ? (userId === undefined ? ALL : OF_USER) : ofTask
      const filter = { taskId: taskId ?? 0, userId: userId ?? 0, before, limit }
      return (await engine.read('operator', () => wanted.all(filter))).map(asEntry)
    },
    async find(id) {
      const row = await engine.read('operator', () => ONE.first({ id }))
      return row && asEntry(row)
    },
    verify: auditVerifier(engine),
  }
}
