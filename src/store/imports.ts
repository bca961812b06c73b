import { ZukoError } from '../errors.js'
import { jsonText } from '../tools/json.js'
import { appendChanges, type Change, type Head, holdChain } from './audit-chain.js'
import type { Engine } from './engine.js'
import {
  MEMBERS,
  nextTaskIds,
  ORGANIZATIONS,
  OWNERS,
  organizationIds,
  TASKS,
  type TaskRow,
  USERS,
  userIds,
} from './rows.js'
import { statement, type Work } from './statement.js'
import { BUILT_IN_CLIENT_ID } from './sweep.js'
import { firstValues } from './task-create.js'
import type { ImportStore, SeedKind, SeedOutcome, SeedRecords, SeedTask } from './types.js'

/** Tasks read at once. */
const PAGE = 1000

interface TaskHead {
  id: number
  title: string
  createdBy: number | null
  createdAt: number
}

const TASKS_OF = statement<TaskHead, { organizationId: number; after: number }>(`
  SELECT id, title, created_by AS "createdBy", created_at AS "createdAt" FROM task
  WHERE organization_id = @organizationId AND id > @after ORDER BY id LIMIT ${PAGE}`)

type By = Omit<Parameters<ImportStore['add']>[1], 'dryRun'>

interface Import {
  records: SeedRecords
  by: By
  added: Record<SeedKind, number>
  /** Slugs of organizations that this import added: they have no tasks yet. */
  fresh: Set<string>
  /** Ids by e-mail and by slug. */
  users: Map<string, number>
  organizations: Map<string, number>
}

function found(ids: Map<string, number>, name: string, what: string): number {
  const id = ids.get(name)
  if (id !== undefined) return id
  throw new ZukoError(
    'FAILED',
    `The ${what} ${name} is neither in the file nor in the store; nothing was changed.`,
  )
}
const userId = ({ users }: Import, email: string) => found(users, email, 'person')
const organizationId = ({ organizations }: Import, slug: string) => found(organizations, slug, 'organization')

/** Everybody and everything that the records name. */
const names = ({ members, tasks }: SeedRecords) => ({
  emails: [
    ...members.map(({ email }) => email),
    ...tasks.flatMap(({ createdBy, owners }) => (createdBy === undefined ? owners : [createdBy, ...owners])),
  ],
  slugs: [...members, ...tasks].map(({ organization }) => organization),
})

function* addPeople(one: Import): Work<void> {
  const { records, by, added } = one
  added.users = yield* USERS.run(
    records.users.map(({ email, name, createdAt = by.at, disabledAt = null }) => {
      const times = { disabled_at: disabledAt, created_at: createdAt, updated_at: createdAt }
      return { email, name, email_verified: 1, ...times }
    }),
  )
  const fresh = yield* ORGANIZATIONS.all(
    records.organizations.map(({ slug, name, createdAt = by.at }) => ({ slug, name, created_at: createdAt })),
  )
  added.organizations = fresh.length
  one.fresh = new Set(fresh.map(({ slug }) => slug))
  const { emails, slugs } = names(records)
  one.users = yield* userIds(emails)
  one.organizations = yield* organizationIds(slugs)
  added.members = yield* MEMBERS.run(
    records.members.map(({ email, organization, role, createdAt = by.at }) => ({
      user_id: userId(one, email),
      organization_id: organizationId(one, organization),
      role,
      created_at: createdAt,
    })),
  )
}

const identity = (organizationId: number, creatorId: number | null, title: string): string =>
  `${organizationId} ${creatorId} ${title}`

/** Every task of an organization, page by page. */
function* tasksOf(organizationId: number, visit: (row: TaskHead) => void): Work<void> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const rows: TaskHead[] = yield* TASKS_OF.all({ organizationId, after })
    for (const row of rows) visit(row)
    after = rows.at(-1)?.id
  }
}

/** The tasks of the import that are there already, each with its id in the store. */
function* tasksThere(one: Import): Work<Map<SeedTask, number>> {
  const waiting = new Map<string, SeedTask[]>()
  const organizations = new Set<number>()
  for (const task of one.records.tasks) {
    if (one.fresh.has(task.organization)) continue
    const id = organizationId(one, task.organization)
    const key = identity(id, task.createdBy === undefined ? null : userId(one, task.createdBy), task.title)
    organizations.add(id)
    waiting.set(key, [...(waiting.get(key) ?? []), task])
  }
  const there = new Map<SeedTask, number>()
  for (const id of organizations) {
    yield* tasksOf(id, (row) => {
      const same = waiting.get(identity(id, row.createdBy, row.title))
      const at =
        same?.findIndex(({ createdAt }) => createdAt === undefined || createdAt === row.createdAt) ?? -1
      const [task] = at < 0 ? [] : (same?.splice(at, 1) ?? [])
      if (task) there.set(task, row.id)
    })
  }
  return there
}

/** The chains of all organizations that get tasks, in the order in which they are to be taken. */
function* holdChains(one: Import): Work<Map<number, Head>> {
  const ids = new Set(one.records.tasks.map((task) => organizationId(one, task.organization)))
  const heads = new Map<number, Head>()
  for (const id of [...ids].sort((a, b) => a - b)) heads.set(id, yield* holdChain(id))
  return heads
}

function* addTasks(one: Import): Work<void> {
  const { records, by, added } = one
  const heads = yield* holdChains(one)
  const there = yield* tasksThere(one)
  added.tasks = records.tasks.length - there.size
  const free = yield* nextTaskIds(added.tasks)
  const tasks = records.tasks.filter((task) => !there.has(task))
  const ids = new Map([...there, ...tasks.map((task, at) => [task, free[at] as number] as const)])
  const numbered = new Map(records.tasks.map((task) => [task.id, ids.get(task) as number]))
  const rows = tasks.map((task) => {
    const parent = task.parent === undefined ? null : (numbered.get(task.parent) ?? null)
    return taskRow(one, task, ids.get(task) as number, parent)
  })
  yield* TASKS.run(rows)
  yield* OWNERS.run(tasks.flatMap((task, at) => ownerRows(one, task, rows[at] as TaskRow)))
  const actor = { userId: 0, clientId: BUILT_IN_CLIENT_ID, ...by }
  yield* appendChanges(heads, actor, rows.map(creation))
}

function taskRow(one: Import, task: SeedTask, id: number, parent: number | null): TaskRow {
  const { createdAt = one.by.at, updatedAt = createdAt, completedAt = null, createdBy, description } = task
  return {
    id,
    organization_id: organizationId(one, task.organization),
    parent_task_id: parent,
    title: task.title,
    description: description === undefined || description === null ? null : jsonText(description),
    status: task.status,
    assignee: task.assignee ?? null,
    created_by: createdBy === undefined ? null : userId(one, createdBy),
    created_at: createdAt,
    updated_at: updatedAt,
    completed_at: completedAt,
  }
}

const ownerRows = (one: Import, task: SeedTask, { id, organization_id }: TaskRow) =>
  [...new Set(task.owners.map((email) => userId(one, email)))].map((user_id, position) => ({
    organization_id,
    task_id: id,
    user_id,
    position,
  }))

function creation(row: TaskRow): Change {
  const { title, status, assignee, parent_task_id: parentTaskId, completed_at: completedAt } = row
  const description = row.description === null ? null : JSON.parse(row.description)
  const changes = firstValues({ title, status, description, assignee, parentTaskId, completedAt })
  return { organizationId: row.organization_id, taskId: row.id, action: 'create', changes }
}

function* add(records: SeedRecords, by: By): Work<SeedOutcome> {
  const one: Import = {
    records,
    by,
    added: { users: 0, organizations: 0, members: 0, tasks: 0 },
    fresh: new Set(),
    users: new Map(),
    organizations: new Map(),
  }
  yield* addPeople(one)
  yield* addTasks(one)
  const counts = Object.entries(one.added).map(([kind, added]) => [
    kind,
    { added, there: records[kind as SeedKind].length - added },
  ])
  return Object.fromEntries(counts) as SeedOutcome
}

/** Thrown to take back what a dry run did. */
class DryRun extends Error {
  constructor(readonly outcome: SeedOutcome) {
    super('a dry run')
  }
}

/** Whole sets of records, added at once. */
export function importStore(engine: Engine): ImportStore {
  function* tried(records: SeedRecords, { dryRun, ...by }: By & { dryRun?: boolean }): Work<SeedOutcome> {
    const outcome = yield* add(records, by)
    if (dryRun) throw new DryRun(outcome)
    return outcome
  }

  return {
    async add(records, by) {
      try {
        return await engine.inBulk(() => engine.write('operator', () => tried(records, by)))
      } catch (error) {
        if (error instanceof DryRun) return error.outcome
        throw error
      }
    },
    known: ({ emails, slugs }) =>
      engine.read('operator', function* () {
        const [users, organizations] = [yield* userIds(emails), yield* organizationIds(slugs)]
        return { emails: new Set(users.keys()), slugs: new Set(organizations.keys()) }
      }),
  }
}
