import { statement, type Work } from '../statement.js'
import type { ListPosition, Status, TaskPage, TaskQuery, TaskRow } from '../types.js'

interface Home {
  organizationId: number
  organizationName: string
}

/** An organization of the person, with the time of the newest task that it can have for the list; null for none. */
interface Head extends Home {
  updatedAt: number | null
}

/** Before the newest task there can be. */
const START: ListPosition = { updatedAt: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }

const COLUMNS = `task.id, task.title, task.status, task.assignee, task.parent_task_id AS parentTaskId,
  task.completed_at AS completedAt, task.updated_at AS updatedAt`

const indexOf = (byStatus: boolean): [index: string, status: string] =>
  byStatus ? ['task_recent_by_status', 'AND task.status = @status'] : ['task_recent', '']

/**
 * The tasks of one organization after a position, newest first, as two ranges of the index: those of the
 * same time, and those before it. One row-value comparison would say the same, but SQLite seeks by its first
 * part only, and would step through all tasks of one time. The index is named so that no other is chosen.
 */
function ranges(byStatus: boolean): [string, string] {
  const [index, status] = indexOf(byStatus)
  const range = (bounds: string) => `
    SELECT ${COLUMNS} FROM task INDEXED BY ${index}
    WHERE task.organization_id = @organizationId ${status} AND ${bounds}
    ORDER BY task.updated_at DESC, task.id DESC LIMIT @limit`
  return [
    range('task.updated_at = @updatedAt AND task.id < @id'),
    range('task.updated_at >= @floor AND task.updated_at < @updatedAt'),
  ]
}

type Bounds = { updatedAt: number; id: number; floor: number; status: Status | null }

/** One seek in an index, and no row, for each organization of the person. */
function headsOf(byStatus: boolean) {
  const [index, status] = indexOf(byStatus)
  return statement<Head, { userId: number; updatedAt: number; status: Status | null }>(`
    SELECT organization.id AS organizationId, organization.name AS organizationName,
           (SELECT task.updated_at FROM task INDEXED BY ${index}
            WHERE task.organization_id = member.organization_id ${status} AND task.updated_at <= @updatedAt
            ORDER BY task.updated_at DESC LIMIT 1) AS updatedAt
    FROM member JOIN organization ON organization.id = member.organization_id
    WHERE member.user_id = @userId`)
}

/** The next rows of one organization, down to the time that can still matter. */
function pageOf(byStatus: boolean) {
  const [same, older] = ranges(byStatus)
  const labelled = 'SELECT *, @organizationId AS organizationId, @organizationName AS organizationName'
  return statement<TaskRow, Bounds & Home & { limit: number }>(
    `${labelled} FROM (${same}) UNION ALL ${labelled} FROM (${older})`,
  )
}

export const OF_ANY_STATUS = { heads: headsOf(false), page: pageOf(false) }
export const OF_ONE_STATUS = { heads: headsOf(true), page: pageOf(true) }

const MEMBERSHIP = statement<Home, { userId: number; organizationId: number }>(`
  SELECT organization.id AS organizationId, organization.name AS organizationName
  FROM member JOIN organization ON organization.id = member.organization_id
  WHERE member.user_id = @userId AND member.organization_id = @organizationId`)

const inOrder = (heads: readonly Head[]) =>
  heads
    .flatMap(({ updatedAt, ...home }) => (updatedAt === null ? [] : [{ ...home, newest: updatedAt }]))
    .sort((a, b) => b.newest - a.newest)

const newestFirst = (a: ListPosition, b: ListPosition) => b.updatedAt - a.updatedAt || b.id - a.id

/**
 * Lists tasks by merging the organizations' own indexes: organizations are read in the order of their newest
 * task, each only as far as it can still reach the page, until none of the rest can. The cost follows the
 * page and the number of the person's organizations, never the number of tasks.
 */
export function* listByMerging(query: TaskQuery): Work<TaskPage> {
  const { userId, organizationId, status = null, after: { updatedAt, id } = START, limit } = query
  const after = { updatedAt, id }
  const { heads, page } = status === null ? OF_ANY_STATUS : OF_ONE_STATUS
  const wanted = limit + 1
  const organizations =
    organizationId === undefined
      ? inOrder(yield* heads.all({ userId, updatedAt, status }))
      : (yield* MEMBERSHIP.all({ userId, organizationId })).map((home) => ({ ...home, newest: updatedAt }))

  let rows: TaskRow[] = []
  for (const { organizationId, organizationName, newest } of organizations) {
    const last = rows[wanted - 1]
    if (last && last.updatedAt > newest) break
    const bounds = { floor: last?.updatedAt ?? 0, limit: wanted, ...after, status }
    const more = yield* page.all({ organizationId, organizationName, ...bounds })
    rows = [...rows, ...more].sort(newestFirst).slice(0, wanted)
  }
  return { tasks: rows.slice(0, limit), more: rows.length > limit }
}
