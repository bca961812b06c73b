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
import type {
  MadeUpMember,
  MadeUpOrganization,
  MadeUpPlan,
  MadeUpStore,
  MadeUpTask,
  MadeUpUser,
} from './types.js'

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
  postgres: `${FIRST} slug = @slug FOR NO KEY UPDATE`,
})
const BY_ID = statement<First, { id: number }>({
  sqlite: `${FIRST} id = @id`,
  postgres: `${FIRST} id = @id FOR NO KEY UPDATE`,
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

const userRow = ({ email, name, createdAt }: MadeUpUser) => ({
  email,
  name,
  email_verified: 1 as const,
  disabled_at: null,
  created_at: createdAt,
  updated_at: createdAt,
})

const memberRow = ({ organizationId, userId, role, createdAt }: MadeUpMember) => ({
  organization_id: organizationId,
  user_id: userId,
  role,
  created_at: createdAt,
})

/** Adds one batch, which begins behind so many of the plan's tasks, and notes how many there are then. */
function* addBatch(organizationId: number, { tasks, done }: { tasks: readonly MadeUpTask[]; done: number }) {
  yield* insertTasks(tasks)
  yield* noteDone(organizationId, done + tasks.length)
  return tasks.length
}

/** Made-up data at size: everything in transactions so short that others can write in between. */
export function madeUpStore(engine: Engine): MadeUpStore {
  const addAll = <Row>(into: { run(rows: readonly Row[]): Work<number> }, rows: readonly Row[]) =>
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
      const slugs = organizations.map(({ slug }) => slug)
      return idsOf(organizationIds, slugs)
    },
    async addUsers(users) {
      await addAll(USERS, users.map(userRow))
      const emails = users.map(({ email }) => email)
      return idsOf(userIds, emails)
    },
    addMembers: async (members) => void (await addAll(MEMBERS, members.map(memberRow))),
    addTasks: (organizationId, { from, to }, make, seen) => {
      const batch = (rows: number, added: number) => {
        const done = from + added
        return { tasks: seen(done) ? make(done, Math.min(done + rows, to)) : [], done }
      }
      return engine.inBulk(() => inSteps(engine, (one) => addBatch(organizationId, one), batch))
    },
  }
}
