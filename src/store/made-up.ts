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
import { inSteps } from './steps.js'
import type { MadeUpOrganization, MadeUpPlan, MadeUpStore, MadeUpTask } from './types.js'

/** The plan stands in the metadata of its first organization, with how much of it is done. */
interface Noted {
  madeUp?: MadeUpPlan & { done: number }
}
interface First {
  id: number
  metadata: string | null
}

const FIRST = 'SELECT id, metadata FROM organization WHERE'
const BY_SLUG = statement<First, { slug: string }>({
  sqlite: `${FIRST} slug = @slug`,
  postgres: `${FIRST} slug = @slug FOR UPDATE`,
})
const BY_ID = statement<First, { id: number }>({
  sqlite: `${FIRST} id = @id`,
  postgres: `${FIRST} id = @id FOR UPDATE`,
})
const NOTE = statement<unknown, First>('UPDATE organization SET metadata = @metadata WHERE id = @id')

const noted = ({ metadata }: First): Noted => JSON.parse(metadata ?? '{}') as Noted

function* note(first: First, madeUp: MadeUpPlan & { done: number }): Work<void> {
  yield* NOTE.run({ id: first.id, metadata: JSON.stringify({ ...noted(first), madeUp }) })
}

/** Notes a plan, or answers the one that is noted, with how much of it is done. */
function* begin(plan: MadeUpPlan, organization: MadeUpOrganization) {
  yield* ORGANIZATIONS.run([organizationRow(organization)])
  const first = (yield* BY_SLUG.first({ slug: organization.slug })) as First
  const { madeUp } = noted(first)
  if (!madeUp) yield* note(first, { ...plan, done: 0 })
  const { done, ...known } = madeUp ?? { ...plan, done: 0 }
  return { plan: known, done }
}

function* noteDone(organizationId: number, done: number): Work<void> {
  const first = yield* BY_ID.first({ id: organizationId })
  const { madeUp } = first ? noted(first) : {}
  if (first && madeUp) yield* note(first, { ...madeUp, done })
}

const organizationRow = ({ slug, name, createdAt }: MadeUpOrganization) => ({
  slug,
  name,
  created_at: createdAt,
})

const taskRow = (task: MadeUpTask, id: number, parent: number | null): TaskRow => ({
  id,
  organization_id: task.organizationId,
  parent_task_id: parent,
  title: task.title,
  description: task.description,
  status: task.status,
  assignee: task.assignee,
  created_by: task.ownerIds[0] ?? null,
  created_at: task.createdAt,
  updated_at: task.updatedAt,
  completed_at: task.completedAt,
})

/** Adds the tasks of one batch. */
function* insertTasks(tasks: readonly MadeUpTask[]): Work<void> {
  const ids = yield* nextTaskIds(tasks.length)
  const idOf = (at: number) => ids[at] as number
  const parentOf = ({ parent }: MadeUpTask) => (parent === null ? null : idOf(parent))
  yield* TASKS.run(tasks.map((task, at) => taskRow(task, idOf(at), parentOf(task))))
  const owners = tasks.flatMap(({ organizationId, ownerIds }, at) =>
    ownerIds.map((user_id, position) => ({
      organization_id: organizationId,
      task_id: idOf(at),
      user_id,
      position,
    })),
  )
  yield* OWNERS.run(owners)
}

/** Made-up data at size: everything in transactions so short that others can write in between. */
export function madeUpStore(engine: Engine): MadeUpStore {
  const addAll = <Row>(
    into: { run(rows: readonly Row[]): Work<number> },
    rows: readonly Row[],
  ): Promise<number> =>
    inSteps(
      engine,
      function* (batch: readonly Row[]) {
        yield* into.run(batch)
        return batch.length
      },
      (size, done) => rows.slice(done, done + size),
    )
  const idsOf = async (ids: (names: string[]) => Work<Map<string, number>>, names: string[]) => {
    const found = await engine.read('operator', () => ids(names))
    return names.map((name) => found.get(name) ?? 0)
  }

  return {
    begin: (plan, organization) => engine.write('operator', () => begin(plan, organization)),
    async addOrganizations(organizations) {
      await addAll(ORGANIZATIONS, organizations.map(organizationRow))
      return idsOf(
        organizationIds,
        organizations.map(({ slug }) => slug),
      )
    },
    async addUsers(users) {
      const rows = users.map(({ email, name, createdAt }) => {
        const times = { disabled_at: null, created_at: createdAt, updated_at: createdAt }
        return { email, name, email_verified: 1 as const, ...times }
      })
      await addAll(USERS, rows)
      return idsOf(
        userIds,
        users.map(({ email }) => email),
      )
    },
    async addMembers(members) {
      const rows = members.map(({ organizationId, userId, role, createdAt }) => ({
        organization_id: organizationId,
        user_id: userId,
        role,
        created_at: createdAt,
      }))
      await addAll(MEMBERS, rows)
    },
    addTasks: (organizationId, { from, to }, make, seen) =>
      engine.inBulk(() =>
        inSteps(
          engine,
          function* ({ tasks, done }: { tasks: readonly MadeUpTask[]; done: number }) {
            yield* insertTasks(tasks)
            yield* noteDone(organizationId, done + tasks.length)
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
