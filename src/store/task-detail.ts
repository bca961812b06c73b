import type { Connection } from './connection.js'
import type { JsonValue, Person, Status, TaskDetail, TaskSummary } from './types.js'

interface Row {
  id: number
  title: string
  status: Status
  description: string | null
  assignee: string | null
  createdAt: number
  updatedAt: number
  completedAt: number | null
  organizationId: number
  organizationName: string
  organizationSlug: string
  creatorId: number | null
  creatorName: string
  creatorEmail: string
  parentId: number | null
  parentTitle: string
  parentStatus: Status
}

/** `visible` is the condition under which a task shows itself. */
const detailSql = (visible: string): string => `
  SELECT task.id, task.title, task.status, task.description, task.assignee, task.created_at AS createdAt,
         task.updated_at AS updatedAt, task.completed_at AS completedAt, organization.id AS organizationId,
         organization.name AS organizationName, organization.slug AS organizationSlug,
         creator.id AS creatorId, creator.name AS creatorName, creator.email AS creatorEmail,
         parent.id AS parentId, parent.title AS parentTitle, parent.status AS parentStatus
  FROM task ${visible}
  JOIN organization ON organization.id = task.organization_id
  LEFT JOIN user AS creator ON creator.id = task.created_by
  LEFT JOIN task AS parent ON parent.id = task.parent_task_id
  WHERE task.id = @taskId`

export const DETAIL = detailSql(
  'JOIN member ON member.user_id = @userId AND member.organization_id = task.organization_id',
)

/** The same of any task, for whoever holds the store itself. */
export const ANY_DETAIL = detailSql('')

export const OWNERS = `
  SELECT user.id, user.name, user.email FROM task_owner JOIN user ON user.id = task_owner.user_id
  WHERE task_owner.task_id = ? ORDER BY task_owner.position`

export const SUBTASKS = `
  SELECT id, title, status FROM task WHERE organization_id = ? AND parent_task_id = ? ORDER BY id`

/** Reads everything about one task that the person may see. */
export function taskReader(
  { sqlite }: Connection,
  detailSql = DETAIL,
): (userId: number, taskId: number) => TaskDetail | undefined {
  const detail = sqlite.prepare<unknown[], Row>(detailSql)
  const owners = sqlite.prepare<unknown[], Person>(OWNERS)
  const subtasks = sqlite.prepare<unknown[], TaskSummary>(SUBTASKS)

  return (userId, taskId) => {
    const row = detail.get({ userId, taskId })
    if (!row) return undefined
    const { id, title, status, assignee, createdAt, updatedAt, completedAt } = row
    return {
      id,
      title,
      status,
      organization: { id: row.organizationId, name: row.organizationName, slug: row.organizationSlug },
      description: row.description === null ? null : (JSON.parse(row.description) as JsonValue),
      assignee,
      owners: owners.all(id),
      parentTask:
        row.parentId === null ? null : { id: row.parentId, title: row.parentTitle, status: row.parentStatus },
      subtasks: subtasks.all(row.organizationId, id),
      createdBy:
        row.creatorId === null ? null : { id: row.creatorId, name: row.creatorName, email: row.creatorEmail },
      createdAt,
      updatedAt,
      completedAt,
    }
  }
}
