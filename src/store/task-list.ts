import type { Connection } from './connection.js'
import type { ListPosition, TaskQuery, TaskRow } from './types.js'

/** An organization of the person, with the position of its newest task that the query asks for. */
interface Head extends ListPosition {
  organizationId: number
  organizationName: string
}

/** Before the newest task there can be. */
const START: ListPosition = { updatedAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }

const filter = (byStatus: boolean) => (byStatus ? 'AND task.status = @status' : '')

/** One index seek for each organization of the person. */
export const headsSql = (byStatus: boolean): string => `
  SELECT organization.id AS organizationId, organization.name AS organizationName,
         newest.updated_at AS updatedAt, newest.id AS id
  FROM member
  JOIN organization ON organization.id = member.organization_id
  JOIN task AS newest ON newest.id = (
    SELECT task.id FROM task
    WHERE task.organization_id = member.organization_id ${filter(byStatus)}
      AND (task.updated_at, task.id) < (@updatedAt, @id)
    ORDER BY task.updated_at DESC, task.id DESC LIMIT 1)
  WHERE member.user_id = @userId`

/** The next rows of one organization, in the index' own order, down to the time that can still matter. */
export const pageSql = (byStatus: boolean): string => `
  SELECT task.id, task.title, task.status, task.assignee, task.parent_task_id AS parentTaskId,
         task.completed_at AS completedAt, task.updated_at AS updatedAt
  FROM task
  WHERE task.organization_id = @organizationId ${filter(byStatus)}
    AND task.updated_at >= @floor AND (task.updated_at, task.id) < (@updatedAt, @id)
  ORDER BY task.updated_at DESC, task.id DESC LIMIT @limit`

const MEMBERSHIP = `
  SELECT organization.id AS organizationId, organization.name AS organizationName
  FROM member JOIN organization ON organization.id = member.organization_id
  WHERE member.user_id = @userId AND member.organization_id = @organizationId`

const newestFirst = (a: ListPosition, b: ListPosition) => b.updatedAt - a.updatedAt || b.id - a.id

/**
 * Lists tasks by merging the organizations' own indexes: organizations are read in the order of their newest
 * task, each only as far as it can still reach the page, until none of the rest can. The cost follows the
 * page and the number of the person's organizations, never the number of tasks.
 */
export function taskLister({ sqlite }: Connection) {
  const statements = [false, true].map((byStatus) => ({
    heads: sqlite.prepare(headsSql(byStatus)),
    page: sqlite.prepare(pageSql(byStatus)),
  }))
  const membership = sqlite.prepare(MEMBERSHIP)

  return (query: TaskQuery): { tasks: TaskRow[]; more: boolean } => {
    const { userId, organizationId, status, after = START, limit } = query
    const statement = statements[status === undefined ? 0 : 1] as (typeof statements)[number]
    const named = status === undefined ? {} : { status }
    const wanted = limit + 1
    const heads =
      organizationId === undefined
        ? (statement.heads.all({ userId, ...after, ...named }) as Head[]).sort(newestFirst)
        : (membership.all({ userId, organizationId }) as Head[]).map((row) => ({ ...row, ...after }))

    let page: TaskRow[] = []
    for (const { organizationId, organizationName, ...head } of heads) {
      const last = page[wanted - 1]
      if (last && newestFirst(last, head) < 0) break
      const bounds = { floor: last?.updatedAt ?? 0, limit: wanted, ...after, ...named }
      const rows = statement.page.all({ organizationId, ...bounds }) as TaskRow[]
      const labelled = rows.map((row) => ({ ...row, organizationId, organizationName }))
      page = [...page, ...labelled].sort(newestFirst).slice(0, wanted)
    }
    return { tasks: page.slice(0, limit), more: page.length > limit }
  }
}
