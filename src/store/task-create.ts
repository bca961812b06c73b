import { jsonText } from '../tools/json.js'
import type { auditWriter } from './audit.js'
import type { Connection } from './connection.js'
import type { taskReader } from './task-detail.js'
import type { Actor, CreateOutcome, Idempotency, NewTask, Replay } from './types.js'

interface Parts {
  read: ReturnType<typeof taskReader>
  audit: ReturnType<typeof auditWriter>
}

/** The values that a creation sets, for the audit: each from null. */
export function firstValues(
  task: Pick<NewTask, 'title' | 'status' | 'description' | 'assignee' | 'parentTaskId' | 'completedAt'>,
) {
  const { title, status, description, assignee, parentTaskId, completedAt = null } = task
  const values = { title, status, description, assignee, parentTaskId, completedAt }
  const set = Object.entries(values).filter(([, to]) => to !== null)
  return Object.fromEntries(set.map(([field, to]) => [field, { from: null, to }]))
}

function statements({ sqlite }: Connection) {
  return {
    isMember: sqlite.prepare('SELECT 1 FROM member WHERE user_id = ? AND organization_id = ?'),
    isTask: sqlite.prepare('SELECT 1 FROM task WHERE organization_id = ? AND id = ?'),
    insert: sqlite.prepare(`
      INSERT INTO task (organization_id, parent_task_id, title, description, status, assignee, created_by,
                        created_at, updated_at, completed_at)
      VALUES (@organizationId, @parentTaskId, @title, @description, @status, @assignee, @userId, @at, @at, @completedAt)`),
    insertOwner: sqlite.prepare(
      'INSERT INTO task_owner (organization_id, task_id, user_id, position) VALUES (?, ?, ?, ?)',
    ),
    key: sqlite.prepare<unknown[], { fingerprint: string; taskId: number }>(`
      SELECT fingerprint, task_id AS taskId FROM idempotency_key WHERE user_id = ? AND key = ? AND expires_at > ?`),
    keep: sqlite.prepare(`
      INSERT OR REPLACE INTO idempotency_key (user_id, key, fingerprint, task_id, expires_at) VALUES (?, ?, ?, ?, ?)`),
  }
}

/** Creates tasks, exactly once for each idempotency key; both functions run inside a transaction. */
export function taskCreator(connection: Connection, { read, audit }: Parts) {
  const sql = statements(connection)

  /** A key whose task the person can no longer see counts as absent. */
  function replay(
    userId: number,
    at: number,
    { key, fingerprint }: Pick<Idempotency, 'key' | 'fingerprint'>,
  ): Replay | undefined {
    const kept = sql.key.get(userId, key, at)
    if (!kept) return undefined
    if (kept.fingerprint !== fingerprint) return { kind: 'idempotency_mismatch' }
    const task = read(userId, kept.taskId)
    return task && { kind: 'replayed', task }
  }

  function insert(actor: Actor, task: NewTask): number {
    const { organizationId, completedAt = null, ownerIds = [] } = task
    const description = task.description === null ? null : jsonText(task.description)
    const row = { ...task, description, completedAt, userId: actor.userId, at: actor.at }
    const taskId = Number(sql.insert.run(row).lastInsertRowid)
    const owners = [...new Set([actor.userId, ...ownerIds])]
    for (const [position, userId] of owners.entries())
      sql.insertOwner.run(organizationId, taskId, userId, position)
    audit(actor, { organizationId, taskId, action: 'create', changes: firstValues(task) })
    return taskId
  }

  function create(actor: Actor, task: NewTask, idempotency?: Idempotency): CreateOutcome {
    const { organizationId, parentTaskId } = task
    if (!sql.isMember.get(actor.userId, organizationId)) return { kind: 'organization_not_found' }
    const replayed = idempotency && replay(actor.userId, actor.at, idempotency)
    if (replayed) return replayed
    if (parentTaskId !== null && !sql.isTask.get(organizationId, parentTaskId))
      return { kind: 'parent_not_found' }
    const taskId = insert(actor, task)
    if (idempotency) {
      const { key, fingerprint, expiresAt } = idempotency
      sql.keep.run(actor.userId, key, fingerprint, taskId, expiresAt)
    }
    const created = read(actor.userId, taskId)
    if (!created) throw new Error('A task is gone in the transaction that wrote it.')
    return { kind: 'created', task: created }
  }

  return { create, replay }
}
