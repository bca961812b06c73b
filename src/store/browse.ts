import { statSync } from 'node:fs'
import { setImmediate as breathe } from 'node:timers/promises'
import { and, desc, eq, gte, lt, or, type SQL, sql } from 'drizzle-orm'
import { STATUSES } from '../tools/words.js'
import type { BrowseQuery, BrowseStore, Overview } from './browse-types.js'
import type { Connection } from './connection.js'
import { organization, task } from './schema.js'
import type { Status, TaskRow } from './types.js'

/** How many tasks a search looks at before it lets others run. */
const STEP = 5_000

const ROW = {
  id: task.id,
  title: task.title,
  status: task.status,
  organizationId: task.organizationId,
  organizationName: organization.name,
  assignee: task.assignee,
  parentTaskId: task.parentTaskId,
  completedAt: task.completedAt,
  updatedAt: task.updatedAt,
}

const NUMBERS = `
  SELECT (SELECT count(*) FROM organization) AS organizations,
         (SELECT count(*) FROM user) AS people,
         (SELECT count(*) FROM user WHERE disabled_at IS NOT NULL) AS disabled,
         (SELECT count(*) FROM audit
          WHERE id > coalesce((SELECT id FROM audit WHERE at < ? ORDER BY id DESC LIMIT 1), 0)) AS changes`

/** Counted for each organization first: in the order of the index, which is much faster than in none. */
const BY_STATUS = `
  SELECT status, sum(tasks) AS tasks
  FROM (SELECT status, count(*) AS tasks FROM task GROUP BY organization_id, status) GROUP BY status`

/** Where a search that starts below an id has looked at enough. */
const STEP_END = `SELECT id FROM task WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ${STEP - 1}`

/** Names that hold `text`, whatever of it SQL would read as a pattern. */
const holds = (column: typeof task.title | typeof task.assignee, text: string): SQL =>
  sql`${column} LIKE ${`%${text.replace(/[\\%_]/g, '\\$&')}%`} ESCAPE '\\'`

function searched(text: string): SQL | undefined {
  const id = /^#?(\d{1,10})$/.exec(text)?.[1]
  return or(
    id === undefined ? undefined : eq(task.id, Number(id)),
    holds(task.title, text),
    holds(task.assignee, text),
  )
}

const fileSize = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** The tasks with ids from `floor` up to, not including, `before`. */
function page({ db }: Connection, query: BrowseQuery, floor: number, before: number): TaskRow[] {
  const { text, status, organizationId, limit } = query
  return db
    .select(ROW)
    .from(task)
    .innerJoin(organization, eq(organization.id, task.organizationId))
    .where(
      and(
        lt(task.id, before),
        floor > 0 ? gte(task.id, floor) : undefined,
        status && eq(task.status, status),
        organizationId === undefined ? undefined : eq(task.organizationId, organizationId),
        text === undefined ? undefined : searched(text),
      ),
    )
    .orderBy(desc(task.id))
    .limit(limit)
    .all()
}

/** The reads behind the screens of the terminal. */
export function browseStore(connection: Connection): BrowseStore {
  const { sqlite, read } = connection
  const numbers = sqlite.prepare<[number], Omit<Overview, 'tasks' | 'bytes' | 'logBytes'>>(NUMBERS)
  const byStatus = sqlite.prepare<[], { status: Status; tasks: number }>(BY_STATUS)
  const stepEnd = sqlite.prepare<[number], number>(STEP_END).pluck()
  const size = () =>
    Number(sqlite.pragma('page_count', { simple: true })) *
    Number(sqlite.pragma('page_size', { simple: true }))

  function overview(since: number): Overview {
    const tasks = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Overview['tasks']
    for (const row of byStatus.all()) tasks[row.status] = row.tasks
    const counted = numbers.get(since) as NonNullable<ReturnType<typeof numbers.get>>
    const logBytes = sqlite.memory ? 0 : fileSize(`${sqlite.name}-wal`)
    return { ...counted, tasks, bytes: size(), logBytes }
  }

  const tasks: BrowseStore['tasks'] = async ({ limit, ...query }, signal) => {
    const found: TaskRow[] = []
    let before = query.before ?? Number.MAX_SAFE_INTEGER
    while (before > 0 && found.length <= limit && !signal?.aborted) {
      const floor = query.text === undefined ? 0 : await read(() => stepEnd.get(before) ?? 0)
      const wanted = { ...query, limit: limit + 1 - found.length }
      found.push(...(await read(() => page(connection, wanted, floor, before))))
      before = floor
      await breathe()
    }
    return { tasks: found.slice(0, limit), more: found.length > limit }
  }

  return {
    overview: (since) => read(() => overview(since)),
    tasks,
    revision: async () => Number(sqlite.pragma('data_version', { simple: true })),
  }
}
