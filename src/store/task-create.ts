import { jsonText } from '../tools/json.js'
import { appendChange, type Head, holdChain } from './audit-chain.js'
import { hold } from './lock.js'
import { statement, type Work } from './statement.js'
import { OWN_TASKS } from './task-detail.js'
import type { Actor, CreateOutcome, Idempotency, NewTask, Replay } from './types.js'

/** The values that a creation sets, for the audit: each from null. */
export function firstValues(
  task: Pick<NewTask, 'title' | 'status' | 'description' | 'assignee' | 'parentTaskId' | 'completedAt'>,
) {
  const { title, status, description, assignee, parentTaskId, completedAt = null } = task
  const values = { title, status, description, assignee, parentTaskId, completedAt }
  const set = Object.entries(values).filter(([, to]) => to !== null)
  return Object.fromEntries(set.map(([field, to]) => [field, { from: null, to }]))
}

const IS_MEMBER = statement<unknown, { userId: number; organizationId: number }>(
  'SELECT 1 FROM member WHERE user_id = @userId AND organization_id = @organizationId',
)
const IS_TASK = statement<unknown, { organizationId: number; id: number }>(
  'SELECT 1 FROM task WHERE organization_id = @organizationId AND id = @id',
)
const INSERT = statement<{ id: number }>(`
  INSERT INTO task (organization_id, parent_task_id, title, description, status, assignee, created_by,
                    created_at, updated_at, completed_at)
  VALUES (@organizationId, @parentTaskId, @title, @description, @status, @assignee, @userId, @at, @at,
          @completedAt)
  RETURNING id`)
const INSERT_OWNER = statement(`
  INSERT INTO task_owner (organization_id, task_id, user_id, position)
  VALUES (@organizationId, @taskId, @userId, @position)`)

type Key = { userId: number; key: string }

const KEPT = statement<{ fingerprint: string; taskId: number }, Key & { at: number }>(`
  SELECT fingerprint, task_id AS "taskId" FROM idempotency_key
  WHERE user_id = @userId AND key = @key AND expires_at > @at`)
const KEEP = statement<unknown, Key & { fingerprint: string; taskId: number; expiresAt: number }>(`
  INSERT INTO idempotency_key (user_id, key, fingerprint, task_id, expires_at)
  VALUES (@userId, @key, @fingerprint, @taskId, @expiresAt)
  ON CONFLICT (user_id, key) DO UPDATE
  SET fingerprint = excluded.fingerprint, task_id = excluded.task_id, expires_at = excluded.expires_at`)

/** What an idempotency key answers. One whose task the person can no longer see counts as absent. */
export function* replay(
  userId: number,
  { key, fingerprint }: Omit<Idempotency, 'expiresAt'>,
  at: number,
): Work<Replay | undefined> {
  const kept = yield* KEPT.first({ userId, key, at })
  if (!kept) return undefined
  if (kept.fingerprint !== fingerprint) return { kind: 'idempotency_mismatch' }
  const task = yield* OWN_TASKS.read(userId, kept.taskId)
  return task && { kind: 'replayed', task }
}

function* insert(head: Head, actor: Actor, task: NewTask): Work<number> {
  const { ownerIds = [], ...columns } = task
  const { organizationId, completedAt = null } = task
  const description = task.description === null ? null : jsonText(task.description)
  const row = { ...columns, description, completedAt, userId: actor.userId, at: actor.at }
  const { id: taskId } = (yield* INSERT.first(row)) as { id: number }
  const owners = [...new Set([actor.userId, ...ownerIds])]
  for (const [position, userId] of owners.entries()) {
    yield* INSERT_OWNER.run({ organizationId, taskId, userId, position })
  }
  yield* appendChange(head, actor, { organizationId, taskId, action: 'create', changes: firstValues(task) })
  return taskId
}

/** Creates a task, exactly once for each idempotency key. */
export function* createTask(actor: Actor, task: NewTask, idempotency?: Idempotency): Work<CreateOutcome> {
  const { userId } = actor
  const { organizationId, parentTaskId } = task
  if (!(yield* IS_MEMBER.first({ userId, organizationId }))) return { kind: 'organization_not_found' }
  if (idempotency) {
    yield* hold.first({ name: `idempotency key ${userId} ${idempotency.key}` })
    const replayed = yield* replay(userId, idempotency, actor.at)
    if (replayed) return replayed
  }
  const head = yield* holdChain(organizationId)
  if (parentTaskId !== null && !(yield* IS_TASK.first({ organizationId, id: parentTaskId }))) {
    return { kind: 'parent_not_found' }
  }
  const taskId = yield* insert(head, actor, task)
  if (idempotency) yield* KEEP.run({ userId, taskId, ...idempotency })
  const created = yield* OWN_TASKS.read(userId, taskId)
  if (!created) throw new Error('A task is gone in the transaction that wrote it.')
  return { kind: 'created', task: created }
}
