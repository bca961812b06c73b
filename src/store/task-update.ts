import { isDeepStrictEqual } from 'node:util'
import { jsonText } from '../tools/json.js'
import type { auditWriter } from './audit.js'
import type { Connection } from './connection.js'
import type { taskReader } from './task-detail.js'
import type { Actor, JsonValue, TaskDetail, TaskField, TaskPatch, UpdateOutcome } from './types.js'

interface Parts {
  read: ReturnType<typeof taskReader>
  audit: ReturnType<typeof auditWriter>
}

type Changed = Partial<Record<TaskField, { from: JsonValue; to: JsonValue }>>

const UPDATE = `
  UPDATE task SET title = @title, description = @description, status = @status, assignee = @assignee,
                  completed_at = @completedAt, updated_at = max(@at, updated_at + 1)
  WHERE id = @taskId AND organization_id = @organizationId
    AND (@expectedUpdatedAt IS NULL OR updated_at = @expectedUpdatedAt)`

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

/** Updates tasks; runs inside a transaction. */
export function taskUpdater({ sqlite }: Connection, { read, audit }: Parts) {
  const update = sqlite.prepare(UPDATE)

  return (actor: Actor, taskId: number, patch: TaskPatch, expectedUpdatedAt?: number): UpdateOutcome => {
    const task = read(actor.userId, taskId)
    if (!task) return { kind: 'not_found' }
    const changed = differences(task, patch)
    if (Object.keys(changed).length === 0) {
      const stale = expectedUpdatedAt !== undefined && expectedUpdatedAt !== task.updatedAt
      return stale ? { kind: 'conflict', task } : { kind: 'updated', task, changed }
    }
    const organizationId = task.organization.id
    const { title, description, status, assignee, completedAt } = { ...task, ...patch }
    const { changes } = update.run({
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
    if (changes === 0) return { kind: 'conflict', task }
    audit(actor, { organizationId, taskId, action: 'update', changes: changed as Record<string, never> })
    return { kind: 'updated', task: read(actor.userId, taskId) ?? task, changed }
  }
}
