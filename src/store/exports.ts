import type { Connection } from './connection.js'
import type { ExportStore, JsonValue, Role, SeedRecord, SeedTask, Status } from './types.js'

const USERS = 'SELECT email, name, created_at AS createdAt, disabled_at AS disabledAt FROM user ORDER BY id'
const ORGANIZATIONS = 'SELECT slug, name, created_at AS createdAt FROM organization ORDER BY id'
const MEMBERS = `
  SELECT user.email, organization.slug AS organization, member.role, member.created_at AS createdAt
  FROM member JOIN user ON user.id = member.user_id
  JOIN organization ON organization.id = member.organization_id ORDER BY member.id`
const TASKS = `
  SELECT task.id, organization.slug AS organization, task.parent_task_id AS parent, task.title, task.description,
         task.status, task.assignee, creator.email AS createdBy, task.created_at AS createdAt,
         task.updated_at AS updatedAt, task.completed_at AS completedAt,
         (SELECT json_group_array(email) FROM (
            SELECT user.email FROM task_owner JOIN user ON user.id = task_owner.user_id
            WHERE task_owner.task_id = task.id ORDER BY task_owner.position)) AS owners
  FROM task JOIN organization ON organization.id = task.organization_id
  LEFT JOIN user AS creator ON creator.id = task.created_by ORDER BY task.id`

type Nullable<T> = { [Key in keyof T]: T[Key] | null }

interface TaskRow extends Omit<Nullable<Required<SeedTask>>, 'description' | 'owners'> {
  id: number
  parent: number | null
  organization: string
  title: string
  status: Status
  description: string | null
  owners: string
}

/** A row as a record: what is null is left out. */
const present = <T extends object>(row: Nullable<T>): T =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T

/** Tasks are numbered by their place, so that the same tasks make the same records in every store. */
function numbering() {
  const numbers = new Map<number, number>()
  return ({ id, parent, description, owners, ...rest }: TaskRow): SeedTask => {
    numbers.set(id, numbers.size + 1)
    return present<SeedTask>({
      ...rest,
      id: numbers.size,
      parent: parent === null ? null : (numbers.get(parent) ?? null),
      description: description === null ? null : (JSON.parse(description) as JsonValue),
      owners: JSON.parse(owners) as string[],
    })
  }
}

/** The whole store as the records that an import takes. */
export function exportStore({ sqlite, read }: Connection): ExportStore {
  const users = sqlite.prepare<[], Nullable<{ email: string; name: string }>>(USERS)
  const organizations = sqlite.prepare<[], Nullable<{ slug: string; name: string }>>(ORGANIZATIONS)
  const members = sqlite.prepare<[], Nullable<{ email: string; organization: string; role: Role }>>(MEMBERS)
  const tasks = sqlite.prepare<[], TaskRow>(TASKS)

  function all(visit: (record: SeedRecord) => void): void {
    for (const row of users.iterate()) visit({ kind: 'users', record: present(row) })
    for (const row of organizations.iterate()) visit({ kind: 'organizations', record: present(row) })
    for (const row of members.iterate()) visit({ kind: 'members', record: present(row) })
    const record = numbering()
    for (const row of tasks.iterate()) visit({ kind: 'tasks', record: record(row) })
  }

  return { read: (visit) => read(() => all(visit)) }
}
