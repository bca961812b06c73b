import { statement, type Work } from './statement.js'
import type { DetailPlace, JsonValue, Person, Status, TaskDetail, TaskSummary } from './types.js'

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

type Sought = { userId: number; taskId: number }
type Found = { organizationId: number; id: number; limit: number }

/** Owners and subtasks that are read at once, and where that begins. */
const MOST = 500
const START: DetailPlace = { ownersFrom: 0, subtasksAfter: 0 }

/** `visible` is the condition under which a task shows itself. */
const detailOf = (visible: string) =>
  statement<Row, Sought>(`
    SELECT task.id, task.title, task.status, task.description, task.assignee, task.created_at AS "createdAt",
           task.updated_at AS "updatedAt", task.completed_at AS "completedAt",
           organization.id AS "organizationId", organization.name AS "organizationName",
           organization.slug AS "organizationSlug",
           creator.id AS "creatorId", creator.name AS "creatorName", creator.email AS "creatorEmail",
           parent.id AS "parentId", parent.title AS "parentTitle", parent.status AS "parentStatus"
    FROM task ${visible}
    JOIN organization ON organization.id = task.organization_id
    LEFT JOIN "user" AS creator ON creator.id = task.created_by
    LEFT JOIN task AS parent ON parent.organization_id = task.organization_id AND parent.id = task.parent_task_id
    WHERE task.id = @taskId`)

/** Where a task is, for Postgres to hold its organization's chain by; SQLite has one writer anyway. */
const placeOf = (visible: string) =>
  statement<{ organizationId: number }, Sought>({
    sqlite: 'SELECT NULL WHERE FALSE',
    postgres: `SELECT task.organization_id AS "organizationId" FROM task ${visible} WHERE task.id = @taskId`,
  })

const OWNERS = statement<Person, Found & { ownersFrom: number }>(`
  SELECT person.id, person.name, person.email
  FROM task_owner JOIN "user" AS person ON person.id = task_owner.user_id
  WHERE task_owner.organization_id = @organizationId AND task_owner.task_id = @id
  ORDER BY task_owner.position LIMIT @limit OFFSET @ownersFrom`)

const SUBTASKS = statement<TaskSummary, Found & { subtasksAfter: number }>(`
  SELECT id, title, status FROM task
  WHERE organization_id = @organizationId AND parent_task_id = @id AND id > @subtasksAfter
  ORDER BY id LIMIT @limit`)

function* asDetail(row: Row, { ownersFrom, subtasksAfter }: DetailPlace): Work<TaskDetail> {
  const { id, title, status, assignee, organizationId, createdAt, updatedAt, completedAt } = row
  const found = { organizationId, id, limit: MOST + 1 }
  const owners = yield* OWNERS.all({ ...found, ownersFrom })
  const subtasks = yield* SUBTASKS.all({ ...found, subtasksAfter })
  return {
    id,
    title,
    status,
    organization: { id: organizationId, name: row.organizationName, slug: row.organizationSlug },
    description: row.description === null ? null : (JSON.parse(row.description) as JsonValue),
    assignee,
    owners: owners.slice(0, MOST),
    parentTask:
      row.parentId === null ? null : { id: row.parentId, title: row.parentTitle, status: row.parentStatus },
    subtasks: subtasks.slice(0, MOST),
    createdBy:
      row.creatorId === null ? null : { id: row.creatorId, name: row.creatorName, email: row.creatorEmail },
    createdAt,
    updatedAt,
    completedAt,
    moreOwners: owners.length > MOST,
    moreSubtasks: subtasks.length > MOST,
  }
}

/** The tasks that somebody may see. */
export interface TaskView {
  /** Everything about one of them; of its owners and subtasks a page. */
  read(userId: number, taskId: number, from?: DetailPlace): Work<TaskDetail | undefined>
  /** The organization of one of them, where a change has to hold its chain before it reads the task. */
  place(userId: number, taskId: number): Work<number | undefined>
}

function view(visible: string): TaskView {
  const [detail, place] = [detailOf(visible), placeOf(visible)]
  return {
    *read(userId, taskId, from = START) {
      const row = yield* detail.first({ userId, taskId })
      return row && (yield* asDetail(row, from))
    },
    *place(userId, taskId) {
      return (yield* place.first({ userId, taskId }))?.organizationId
    },
  }
}

/** What a person sees: the tasks of the person's organizations. */
export const OWN_TASKS = view(
  'JOIN member ON member.user_id = @userId AND member.organization_id = task.organization_id',
)

/** Every task, for whoever holds the store itself. */
export const ALL_TASKS = view('')
