import { ZukoError } from '../errors.js'
import type { Connection } from './connection.js'
import { type ImportStatements, importStatements } from './import-statements.js'
import type { ImportStore, SeedOutcome, SeedRecords, SeedTask } from './types.js'

interface Import {
  sql: ImportStatements
  records: SeedRecords
  at: number
  requestId: string
  outcome: SeedOutcome
  /** Slugs of organizations that this import added: they have no tasks yet. */
  fresh: Set<string>
  /** Ids that are known already, by e-mail and by slug. */
  users: Map<string, number>
  organizations: Map<string, number>
}

const nowhere = (what: string) =>
  new ZukoError('FAILED', `${what} is neither in the file nor in the store; nothing was changed.`)

const noOutcome = (): SeedOutcome => ({
  users: { added: 0, there: 0 },
  organizations: { added: 0, there: 0 },
  members: { added: 0, there: 0 },
  tasks: { added: 0, there: 0 },
})

const count = (tally: SeedOutcome[keyof SeedOutcome], changes: number): void => {
  tally[changes > 0 ? 'added' : 'there'] += 1
}

function userId({ sql, users }: Import, email: string): number {
  const id = users.get(email) ?? sql.userId.get(email)
  if (id === undefined) throw nowhere(`The person ${email}`)
  users.set(email, id)
  return id
}

function organizationId({ sql, organizations }: Import, slug: string): number {
  const id = organizations.get(slug) ?? sql.organizationId.get(slug)
  if (id === undefined) throw nowhere(`The organization ${slug}`)
  organizations.set(slug, id)
  return id
}

function addPeople(one: Import): void {
  const { sql, records, at, outcome, fresh } = one
  for (const { email, name, createdAt = at, disabledAt = null } of records.users) {
    count(outcome.users, sql.addUser.run({ email, name, createdAt, disabledAt }).changes)
  }
  for (const { slug, name, createdAt = at } of records.organizations) {
    const { changes } = sql.addOrganization.run({ slug, name, createdAt })
    count(outcome.organizations, changes)
    if (changes > 0) fresh.add(slug)
  }
  for (const { email, organization, role, createdAt = at } of records.members) {
    const pair = { userId: userId(one, email), organizationId: organizationId(one, organization) }
    count(outcome.members, sql.addMember.run({ ...pair, role, createdAt }).changes)
  }
}

const identity = (organizationId: number, creatorId: number | null, title: string): string =>
  `${organizationId} ${creatorId} ${title}`

/** The tasks of the import that are there already, each with its id in the store. */
function tasksThere(one: Import): Map<SeedTask, number> {
  const { sql, records, fresh } = one
  const waiting = new Map<string, SeedTask[]>()
  const organizations = new Set<number>()
  for (const task of records.tasks) {
    if (fresh.has(task.organization)) continue
    const id = organizationId(one, task.organization)
    const key = identity(id, task.createdBy === undefined ? null : userId(one, task.createdBy), task.title)
    organizations.add(id)
    waiting.set(key, [...(waiting.get(key) ?? []), task])
  }
  const there = new Map<SeedTask, number>()
  for (const id of organizations) {
    for (const row of sql.tasksOf.iterate(id)) {
      const same = waiting.get(identity(id, row.createdBy, row.title))
      const at =
        same?.findIndex(({ createdAt }) => createdAt === undefined || createdAt === row.createdAt) ?? -1
      const [found] = at < 0 ? [] : (same?.splice(at, 1) ?? [])
      if (found) there.set(found, row.id)
    }
  }
  return there
}

function addTasks(one: Import): void {
  const { sql, records, outcome } = one
  const add = sql.taskAdder({ at: one.at, requestId: one.requestId })
  const there = tasksThere(one)
  const ids = new Map<number, number>()
  for (const task of records.tasks) {
    const known = there.get(task)
    count(outcome.tasks, known === undefined ? 1 : 0)
    const parentTaskId = task.parent === undefined ? null : (ids.get(task.parent) ?? null)
    const id = known ?? add(taskRow(one, task, parentTaskId))
    if (task.id !== undefined) ids.set(task.id, id)
  }
}

function taskRow(one: Import, task: SeedTask, parentTaskId: number | null) {
  const { createdAt = one.at, updatedAt = createdAt, completedAt = null, createdBy } = task
  const creatorId = createdBy === undefined ? null : userId(one, createdBy)
  return {
    organizationId: organizationId(one, task.organization),
    parentTaskId,
    title: task.title,
    description: task.description ?? null,
    status: task.status,
    assignee: task.assignee ?? null,
    creatorId,
    createdAt,
    updatedAt,
    completedAt,
    ownerIds: [...new Set(task.owners.map((email) => userId(one, email)))],
  }
}

/** Thrown to take back what a dry run did. */
class DryRun extends Error {
  constructor(readonly outcome: SeedOutcome) {
    super('a dry run')
  }
}

/** Whole sets of records, added at once. */
export function importStore(connection: Connection): ImportStore {
  const sql = importStatements(connection)

  const add: ImportStore['add'] = async (records, { at, requestId, dryRun }) => {
    const work = () => {
      const one: Import = {
        sql,
        records,
        at,
        requestId,
        outcome: noOutcome(),
        fresh: new Set(),
        users: new Map(),
        organizations: new Map(),
      }
      addPeople(one)
      addTasks(one)
      if (dryRun) throw new DryRun(one.outcome)
      return one.outcome
    }
    // All that the transaction touches fits, so that nothing is written before its end.
    connection.sqlite.pragma('cache_size = -65536')
    try {
      return await connection.write(work)
    } catch (error) {
      if (error instanceof DryRun) return error.outcome
      throw error
    } finally {
      connection.sqlite.pragma('cache_size = -2000')
    }
  }

  return {
    add,
    known: ({ emails, slugs }) =>
      connection.read(() => ({
        emails: new Set(emails.filter((email) => sql.userId.get(email) !== undefined)),
        slugs: new Set(slugs.filter((slug) => sql.organizationId.get(slug) !== undefined)),
      })),
  }
}
