import { setImmediate as breathe } from 'node:timers/promises'
import { STATUSES } from '../tools/words.js'
import type { BrowseQuery, BrowseStore, Overview } from './browse-types.js'
import type { Engine } from './engine.js'
import { statement, type Work } from './statement.js'
import type { Status, TaskRow } from './types.js'

/** How many tasks a search looks at before it lets others run. */
const STEP = 5_000

/** Above the highest id. */
const NO_ID = 2_147_483_647

type Counted = Omit<Overview, 'tasks' | 'bytes' | 'logBytes'>

const NUMBERS = statement<Counted, { since: number }>(`
  SELECT (SELECT count(*) FROM organization) AS organizations,
         (SELECT count(*) FROM "user") AS people,
         (SELECT count(*) FROM "user" WHERE disabled_at IS NOT NULL) AS disabled,
         (SELECT count(*) FROM audit
          WHERE id > coalesce((SELECT id FROM audit WHERE at < @since ORDER BY id DESC LIMIT 1), 0)) AS changes`)

/** Counted for each organization first: in the order of the index, which is much faster than in none. */
const BY_STATUS = statement<{ status: Status; tasks: number }>(`
  SELECT status, CAST(sum(tasks) AS bigint) AS tasks
  FROM (SELECT status, count(*) AS tasks FROM task GROUP BY organization_id, status) AS counted GROUP BY status`)

/** Where a search that starts below an id has looked at enough. */
const STEP_END = statement<{ id: number }, { before: number }>(
  `SELECT id FROM task WHERE id < @before ORDER BY id DESC LIMIT 1 OFFSET ${STEP - 1}`,
)

type Given = {
  before: number
  floor: number
  limit: number
  status: Status | null
  organizationId: number | null
  id: number | null
  pattern: string | null
}

/** Tasks with ids from `floor` up to, not including, `before`; LIKE takes A to Z for a to z, as ILIKE does. */
function paged(conditions: string) {
  const text = (like: string) => `
    SELECT task.id, task.title, task.status, task.organization_id AS "organizationId",
           organization.name AS "organizationName", task.assignee, task.parent_task_id AS "parentTaskId",
           task.completed_at AS "completedAt", task.updated_at AS "updatedAt"
    FROM task JOIN organization ON organization.id = task.organization_id
    WHERE task.id < @before AND task.id >= @floor
      AND task.status = coalesce(CAST(@status AS text), task.status) ${conditions.replaceAll('LIKE', like)}
    ORDER BY task.id DESC LIMIT @limit`
  return statement<TaskRow, Given>({ sqlite: text('LIKE'), postgres: text('ILIKE') })
}

const OF_ONE = 'AND task.organization_id = @organizationId'
const FOUND = `AND (task.id = CAST(@id AS bigint)
  OR task.title LIKE @pattern ESCAPE '\\' OR task.assignee LIKE @pattern ESCAPE '\\')`

const PAGES = { all: paged(''), found: paged(FOUND) }
const PAGES_OF_ONE = { all: paged(OF_ONE), found: paged(`${OF_ONE} ${FOUND}`) }

const idIn = (text: string): number | null => Number(/^#?(\d{1,10})$/.exec(text)?.[1] ?? 0) || null

/** Names that hold `text`, whatever of it SQL would read as a pattern. */
const patternOf = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

function page(query: BrowseQuery, floor: number, before: number): Work<TaskRow[]> {
  const { text, status = null, organizationId = null, limit } = query
  const pages = organizationId === null ? PAGES : PAGES_OF_ONE
  const bounds = { floor, before, limit, status, organizationId }
  if (text === undefined) return pages.all.all({ ...bounds, id: null, pattern: null })
  return pages.found.all({ ...bounds, id: idIn(text), pattern: patternOf(text) })
}

function* counted(since: number): Work<Counted & Pick<Overview, 'tasks'>> {
  const tasks = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Overview['tasks']
  for (const row of yield* BY_STATUS.all({})) tasks[row.status] = row.tasks
  const numbers = (yield* NUMBERS.first({ since })) as Counted
  return { ...numbers, tasks }
}

/** The reads behind the screens of the terminal. */
export function browseStore(engine: Engine): BrowseStore {
  const read = <Result>(work: () => Work<Result>) => engine.read('operator', work)

  const tasks: BrowseStore['tasks'] = async ({ limit, ...query }, signal) => {
    const found: TaskRow[] = []
    let before = query.before ?? NO_ID
    while (before > 0 && found.length <= limit && !signal?.aborted) {
      const from = before
      const end = query.text === undefined ? undefined : await read(() => STEP_END.first({ before: from }))
      const wanted = { ...query, limit: limit + 1 - found.length }
      found.push(...(await read(() => page(wanted, end?.id ?? 0, from))))
      before = end?.id ?? 0
      await breathe()
    }
    return { tasks: found.slice(0, limit), more: found.length > limit }
  }

  return {
    overview: async (since) => ({ ...(await read(() => counted(since))), ...(await engine.size()) }),
    tasks,
    revision: () => engine.revision(),
  }
}
