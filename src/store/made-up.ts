import type { Connection } from './connection.js'
import { inSteps } from './connection-steps.js'
import type { MadeUpPlan, MadeUpStore, MadeUpTask } from './types.js'

const ADD_ORGANIZATION = `
  INSERT INTO organization (slug, name, created_at) VALUES (@slug, @name, @createdAt) ON CONFLICT DO NOTHING`
const ADD_USER = `
  INSERT INTO user (email, name, email_verified, created_at, updated_at)
  VALUES (@email, @name, 1, @createdAt, @createdAt) ON CONFLICT DO NOTHING`
const ADD_MEMBER = `
  INSERT INTO member (organization_id, user_id, role, created_at)
  VALUES (@organizationId, @userId, @role, @createdAt) ON CONFLICT DO NOTHING`
const ADD_TASK = `
  INSERT INTO task (organization_id, parent_task_id, title, description, status, assignee, created_by,
                    created_at, updated_at, completed_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
const ADD_OWNER = 'INSERT INTO task_owner (organization_id, task_id, user_id, position) VALUES (?, ?, ?, ?)'

/** The plan stands in the metadata of its first organization, with how much of it is done. */
type Noted = MadeUpPlan & { done: number }

function statements({ sqlite }: Connection) {
  return {
    addOrganization: sqlite.prepare(ADD_ORGANIZATION),
    addUser: sqlite.prepare(ADD_USER),
    addMember: sqlite.prepare(ADD_MEMBER),
    addTask: sqlite.prepare(ADD_TASK),
    addOwner: sqlite.prepare(ADD_OWNER),
    organizationId: sqlite.prepare<[string], number>('SELECT id FROM organization WHERE slug = ?').pluck(),
    userId: sqlite.prepare<[string], number>('SELECT id FROM user WHERE email = ?').pluck(),
    noted: sqlite
      .prepare<[string], string>(`SELECT metadata ->> '$.madeUp' FROM organization WHERE slug = ?`)
      .pluck(),
    note: sqlite.prepare(
      `UPDATE organization SET metadata = json_set(coalesce(metadata, '{}'), '$.madeUp', json(?)) WHERE slug = ?`,
    ),
    noteDone: sqlite.prepare(
      `UPDATE organization SET metadata = json_set(metadata, '$.madeUp.done', ?) WHERE id = ?`,
    ),
  }
}

type Statements = ReturnType<typeof statements>

/** Adds the tasks of one batch; runs inside a transaction. */
function insertTasks({ addTask, addOwner }: Statements, tasks: readonly MadeUpTask[]): void {
  const ids: number[] = []
  for (const task of tasks) {
    const { organizationId, parent, title, description, status, assignee, ownerIds } = task
    const parentId = parent === null ? null : ids[parent]
    const [what, when] = [
      [title, description, status, assignee, ownerIds[0]],
      [task.createdAt, task.updatedAt, task.completedAt],
    ]
    const id = Number(addTask.run(organizationId, parentId, ...what, ...when).lastInsertRowid)
    ids.push(id)
    for (const [position, userId] of ownerIds.entries()) addOwner.run(organizationId, id, userId, position)
  }
}

/**
 * What this connection does differently while it adds many rows, and what it does otherwise. It does not wait
 * for the disk at every commit: a killed process loses nothing by it; after a power cut the last batches may
 * be missing, together with the note that they were done. The log is merged every 32 MiB, 64 MiB are cached.
 */
const IN_BULK = ['synchronous = NORMAL', 'wal_autocheckpoint = 8000', 'cache_size = -65536']
const AS_EVER = ['synchronous = FULL', 'wal_autocheckpoint = 1000', 'cache_size = -2000']

async function inBulk<T>({ sqlite }: Connection, work: () => Promise<T>): Promise<T> {
  for (const setting of IN_BULK) sqlite.pragma(setting)
  try {
    return await work()
  } finally {
    for (const setting of AS_EVER) sqlite.pragma(setting)
    sqlite.pragma('wal_checkpoint(PASSIVE)')
  }
}

/** Made-up data at size: everything in transactions so short that others can write in between. */
export function madeUpStore(connection: Connection): MadeUpStore {
  const sql = statements(connection)

  /** Runs a statement for every row, in steps. */
  const addAll = <Row>(rows: readonly Row[], add: (row: Row) => void): Promise<number> =>
    inSteps(
      connection,
      (batch: readonly Row[]) => {
        for (const row of batch) add(row)
        return batch.length
      },
      (size, done) => rows.slice(done, done + size),
    )

  const idsOf = <Row>(rows: readonly Row[], find: (row: Row) => number | undefined) =>
    connection.read(() => rows.map((row) => find(row) ?? 0))

  return {
    begin: (plan, organization) =>
      connection.write(() => {
        sql.addOrganization.run(organization)
        const noted = sql.noted.get(organization.slug)
        if (!noted) sql.note.run(JSON.stringify({ ...plan, done: 0 }), organization.slug)
        const { done, ...known } = noted ? (JSON.parse(noted) as Noted) : { ...plan, done: 0 }
        return { plan: known, done }
      }),
    async addOrganizations(organizations) {
      await addAll(organizations, (row) => sql.addOrganization.run(row))
      return idsOf(organizations, ({ slug }) => sql.organizationId.get(slug))
    },
    async addUsers(users) {
      await addAll(users, (row) => sql.addUser.run(row))
      return idsOf(users, ({ email }) => sql.userId.get(email))
    },
    addMembers: async (members) => void (await addAll(members, (row) => sql.addMember.run(row))),
    addTasks: (organizationId, { from, to }, make, seen) =>
      inBulk(connection, () =>
        inSteps(
          connection,
          ({ tasks, done }: { tasks: readonly MadeUpTask[]; done: number }) => {
            insertTasks(sql, tasks)
            sql.noteDone.run(done + tasks.length, organizationId)
            return tasks.length
          },
          (rows, added) => {
            const done = from + added
            return { tasks: seen(done) ? make(done, Math.min(done + rows, to)) : [], done }
          },
        ),
      ),
  }
}
