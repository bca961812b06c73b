import { isDeepStrictEqual } from 'node:util'
import { jsonText } from '../tools/json.js'
import { appendChange, holdChain } from './audit-chain.js'
import { statement, type Work } from './statement.js'
import type { TaskView } from './task-detail.js'
import type { Actor, JsonValue, TaskDetail, TaskField, TaskPatch, UpdateOutcome } from './types.js'

type Changed = Partial<Record<TaskField, { from: JsonValue; to: JsonValue }>>

const UPDATE = statement(`
  UPDATE task SET title = @title, description = @description, status = @status, assignee = @assignee,
                  completed_at = @completedAt,
                  updated_at = CASE WHEN @at > updated_at THEN @at ELSE updated_at + 1 END
  WHERE id = @taskId AND organization_id = @organizationId
    AND updated_at = coalesce(CAST(@expectedUpdatedAt AS bigint), updated_at)`)

/** The supplied fields whose value differs from the task's. Objects are equal whatever the order of their keys. */
function differences(task: TaskDetail, patch: TaskPatch): Changed {
  const supplied = Object.entries(patch) as [TaskField, JsonValue | undefined][]
  const changes = supplied.flatMap(([field, to]) =>
    to === undefined || isDeepStrictEqual(task[field], to)
      ? []
      : [[field, { from: task[field], to }] as const],
  )
  return Object.fromEntries(changes)
}

/** Updates one of the tasks that `view` shows. */
export function* updateTask(
  view: TaskView,
  actor: Actor,
  taskId: number,
  patch: TaskPatch,
  expectedUpdatedAt?: number,
): Work<UpdateOutcome> {
  const place = yield* view.place(actor.userId, taskId)
  const held = place === undefined ? undefined : yield* holdChain(place)
  const task = yield* view.read(actor.userId, taskId)
  if (!task) return { kind: 'not_found' }
  const changed = differences(task, patch)
  if (Object.keys(changed).length === 0) {
    const stale = expectedUpdatedAt !== undefined && expectedUpdatedAt !== task.updatedAt
    return stale ? { kind: 'conflict', task } : { kind: 'updated', task, changed }
  }
  const organizationId = task.organization.id
  const { title, description, status, assignee, completedAt } = { ...task, ...patch }
  const updated = yield* UPDATE.run({
    taskId,
    organizationId,
    title,
    description: description === null ? null : jsonText(description),
    status,
    assignee,
    completedAt,
    at: actor.at,
    expectedUpdatedAt: expectedUpdatedAt ?? null,
  })
  if (updated === 0) return { kind: 'conflict', task }
  const change = {
    organizationId,
    taskId,
    action: 'update' as const,
    changes: changed as Record<string, never>,
  }
  yield* appendChange(held ?? (yield* holdChain(organizationId)), actor, change)
  return { kind: 'updated', task: (yield* view.read(actor.userId, taskId)) ?? task, changed }
}
