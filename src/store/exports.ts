import type { Engine, Read } from './engine.js'
import { type Statement, statement, type Work } from './statement.js'
import type { ExportStore, JsonValue, Role, SeedRecord, SeedTask, Status } from './types.js'

/** Rows read at once. */
const PAGE = 500

type After = { after: number }
type Nullable<T> = { [Key in keyof T]: T[Key] | null }
type Row<T> = Nullable<T> & { id: number }

const USERS = statement<Row<{ email: string; name: string }>, After>(`
  SELECT id, email, name, created_at AS "createdAt", disabled_at AS "disabledAt"
  FROM "user" WHERE id > @after ORDER BY id LIMIT ${PAGE}`)
const ORGANIZATIONS = statement<Row<{ slug: string; name: string }>, After>(`
  SELECT id, slug, name, created_at AS "createdAt" FROM organization WHERE id > @after ORDER BY id LIMIT ${PAGE}`)
const MEMBERS = statement<Row<{ email: string; organization: string; role: Role }>, After>(`
  SELECT member.id, person.email, organization.slug AS organization, member.role, member.created_at AS "createdAt"
  FROM member JOIN "user" AS person ON person.id = member.user_id
  JOIN organization ON organization.id = member.organization_id
  WHERE member.id > @after ORDER BY member.id LIMIT ${PAGE}`)
const TASKS = statement<TaskRow, After>(`
  SELECT task.id, organization.slug AS organization, task.parent_task_id AS parent, task.title, task.description,
         task.status, task.assignee, creator.email AS "createdBy", task.created_at AS "createdAt",
         task.updated_at AS "updatedAt", task.completed_at AS "completedAt"
  FROM task JOIN organization ON organization.id = task.organization_id
  LEFT JOIN "user" AS creator ON creator.id = task.created_by
  WHERE task.id > @after ORDER BY task.id LIMIT ${PAGE}`)
const OWNERS = statement<{ taskId: number; email: string }, After & { last: number }>(`
  SELECT task_owner.task_id AS "taskId", person.email
  FROM task_owner JOIN "user" AS person ON person.id = task_owner.user_id
  WHERE task_owner.task_id > @after AND task_owner.task_id <= @last
  ORDER BY task_owner.task_id, task_owner.position`)

interface TaskRow extends Omit<Nullable<Required<SeedTask>>, 'description' | 'owners'> {
  id: number
  parent: number | null
  organization: string
  title: string
  status: Status
  description: string | null
}

/** A row as a record: what is null is left out. */
const present = <T extends object>(row: Nullable<T>): T =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T

const withoutId = <T extends object>({ id: _, ...row }: Row<T>): T => present(row as Nullable<T>)

/** The rows after an id, page by page. */
async function each<T extends { id: number }>(
  read: Read,
  page: (after: number) => Work<T[]>,
  visit: (row: T) => void,
): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const from: number = after
    const rows = await read(() => page(from))
    for (const row of rows) visit(row)
    after = rows.at(-1)?.id
  }
}

const pageOf =
  <T>(rows: Statement<T, After>) =>
  (after: number): Work<T[]> =>
    rows.all({ after })

/** A page of tasks, each with its owners. */
function* tasksAfter(after: number): Work<(TaskRow & { owners: string[] })[]> {
  const tasks = (yield* TASKS.all({ after })).map((task) => ({ ...task, owners: [] as string[] }))
  const owners = new Map(tasks.map((task) => [task.id, task.owners]))
  for (const { taskId, email } of yield* OWNERS.all({ after, last: tasks.at(-1)?.id ?? after })) {
    owners.get(taskId)?.push(email)
  }
  return tasks
}

/** Tasks are numbered by their place, so that the same tasks make the same records in every store. */
function numbering() {
  const numbers = new Map<number, number>()
  return ({ id, parent, description, ...rest }: TaskRow & { owners: string[] }): SeedTask => {
    numbers.set(id, numbers.size + 1)
    return present<SeedTask>({
      ...rest,
      id: numbers.size,
      parent: parent === null ? null : (numbers.get(parent) ?? null),
      description: description === null ? null : (JSON.parse(description) as JsonValue),
    })
  }
}

/** The whole store as the records that an import takes. */
export function exportStore(engine: Engine): ExportStore {
  async function all(read: Read, visit: (record: SeedRecord) => void): Promise<void> {
    await each(read, pageOf(USERS), (row) => visit({ kind: 'users', record: withoutId(row) }))
    await each(read, pageOf(ORGANIZATIONS), (row) => visit({ kind: 'organizations', record: withoutId(row) }))
    await each(read, pageOf(MEMBERS), (row) => visit({ kind: 'members', record: withoutId(row) }))
    const record = numbering()
    await each(read, tasksAfter, (row) => visit({ kind: 'tasks', record: record(row) }))
  }

  return { read: (visit) => engine.snapshot((read) => all(read, visit)) }
}
