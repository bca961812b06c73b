/** Rows of people, organizations, members and tasks, added many at a time; what is there stays as it is. */
import { Insertion, type Statement, statement, type Work } from './statement.js'
import type { Role, Status } from './types.js'

export interface UserRow {
  name: string
  email: string
  email_verified: 1
  disabled_at: number | null
  created_at: number
  updated_at: number
}

export interface OrganizationRow {
  slug: string
  name: string
  created_at: number
}

export interface MemberRow {
  organization_id: number
  user_id: number
  role: Role
  created_at: number
}

export interface TaskRow {
  id: number
  organization_id: number
  parent_task_id: number | null
  title: string
  /** JSON text. */
  description: string | null
  status: Status
  assignee: string | null
  created_by: number | null
  created_at: number
  updated_at: number
  completed_at: number | null
}

export interface OwnerRow {
  organization_id: number
  task_id: number
  user_id: number
  /** From 0. */
  position: number
}

const IF_NEW = 'ON CONFLICT DO NOTHING'

export const USERS = new Insertion<UserRow>(
  'user',
  ['name', 'email', 'email_verified', 'disabled_at', 'created_at', 'updated_at'],
  IF_NEW,
)
/** Answers the slugs of those that were not there. */
export const ORGANIZATIONS = new Insertion<OrganizationRow, { slug: string }>(
  'organization',
  ['slug', 'name', 'created_at'],
  `${IF_NEW} RETURNING slug`,
)
export const MEMBERS = new Insertion<MemberRow>(
  'member',
  ['organization_id', 'user_id', 'role', 'created_at'],
  IF_NEW,
)
export const TASKS = new Insertion<TaskRow>('task', [
  'id',
  'organization_id',
  'parent_task_id',
  'title',
  'description',
  'status',
  'assignee',
  'created_by',
  'created_at',
  'updated_at',
  'completed_at',
])
export const OWNERS = new Insertion<OwnerRow>('task_owner', [
  'organization_id',
  'task_id',
  'user_id',
  'position',
])

const NEXT_IDS = statement<{ id: number }, { count: number }>({
  sqlite: `
    WITH RECURSIVE following(id) AS (
      SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'task'), 0) + 1
      UNION ALL SELECT id + 1 FROM following LIMIT @count)
    SELECT id FROM following`,
  postgres: `
    SELECT nextval(pg_get_serial_sequence('task', 'id')) AS id FROM generate_series(1, CAST(@count AS integer))`,
})

/** Ids for so many tasks, which the transaction then adds: rising, and nobody else's. */
export function* nextTaskIds(count: number): Work<number[]> {
  return count === 0 ? [] : (yield* NEXT_IDS.all({ count })).map(({ id }) => id)
}

type Named = Statement<{ id: number; name: string }, { names: string }>

const named = (table: string, column: string): Named => {
  const rows = `SELECT id, ${column} AS name FROM "${table}" WHERE ${column}`
  return statement({
    sqlite: `${rows} IN (SELECT value FROM json_each(@names))`,
    postgres: `${rows} IN (SELECT json_array_elements_text(CAST(@names AS json)))`,
  })
}

function* idsOf(rows: Named, names: Iterable<string>): Work<Map<string, number>> {
  const found = yield* rows.all({ names: JSON.stringify([...new Set(names)]) })
  return new Map(found.map(({ id, name }) => [name, id]))
}

const [BY_EMAIL, BY_SLUG] = [named('user', 'email'), named('organization', 'slug')]

/** The ids of those that are there. */
export const userIds = (emails: Iterable<string>) => idsOf(BY_EMAIL, emails)
export const organizationIds = (slugs: Iterable<string>) => idsOf(BY_SLUG, slugs)
