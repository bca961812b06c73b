import { statement, type Work } from '../statement.js'
import type { ListPosition, Status, TaskPage, TaskQuery, TaskRow } from '../types.js'

/** Before the newest task there can be: no id is higher than this. */
const START: ListPosition = { updatedAt: Number.MAX_SAFE_INTEGER, id: 2_147_483_647 }

type Given = {
  userId: number
  organizationId: number | null
  status: Status | null
  updatedAt: number
  id: number
  limit: number
}

/**
 * The newest rows after a position: those of each organization of the person from that organization's own
 * index, no more of any than the page can show, and of these the newest.
 */
const listed = (one: string, byStatus: string) =>
  statement<TaskRow, Given>(`
    SELECT task.id, task.title, task.status, organization.id AS "organizationId",
           organization.name AS "organizationName", task.assignee, task.parent_task_id AS "parentTaskId",
           task.completed_at AS "completedAt", task.updated_at AS "updatedAt"
    FROM member
    JOIN organization ON organization.id = member.organization_id
    CROSS JOIN LATERAL (
      SELECT * FROM task
      WHERE task.organization_id = member.organization_id ${byStatus}
        AND (task.updated_at, task.id) < (@updatedAt, @id)
      ORDER BY task.updated_at DESC, task.id DESC LIMIT @limit) AS task
    WHERE member.user_id = @userId ${one}
    ORDER BY task.updated_at DESC, task.id DESC LIMIT @limit`)

const ONE = 'AND member.organization_id = @organizationId'
const BY_STATUS = 'AND task.status = @status'

export const LISTS = {
  all: listed('', ''),
  one: listed(ONE, ''),
  allByStatus: listed('', BY_STATUS),
  oneByStatus: listed(ONE, BY_STATUS),
}

/** Lists tasks with one statement. */
export function* listAtOnce(query: TaskQuery): Work<TaskPage> {
  const { userId, organizationId = null, status = null, after: { updatedAt, id } = START, limit } = query
  const [any, byStatus] =
    organizationId === null ? [LISTS.all, LISTS.allByStatus] : [LISTS.one, LISTS.oneByStatus]
  const list = status === null ? any : byStatus
  const rows = yield* list.all({ userId, organizationId, status, updatedAt, id, limit: limit + 1 })
  return { tasks: rows.slice(0, limit), more: rows.length > limit }
}
