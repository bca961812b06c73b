import { jsonText } from '../tools/json.js'
import { auditAppender } from './audit-appender.js'
import type { Connection } from './connection.js'
import { BUILT_IN_CLIENT_ID } from './sweep.js'
import { firstValues } from './task-create.js'
import type { JsonValue, Status } from './types.js'

const ADD_USER = `
  INSERT INTO user (name, email, email_verified, disabled_at, created_at, updated_at)
  VALUES (@name, @email, 1, @disabledAt, @createdAt, @createdAt) ON CONFLICT DO NOTHING`
const ADD_ORGANIZATION = `
  INSERT INTO organization (name, slug, created_at) VALUES (@name, @slug, @createdAt) ON CONFLICT DO NOTHING`
const ADD_MEMBER = `
  INSERT INTO member (organization_id, user_id, role, created_at)
  VALUES (@organizationId, @userId, @role, @createdAt) ON CONFLICT DO NOTHING`
const ADD_TASK = `
  INSERT INTO task (organization_id, parent_task_id, title, description, status, assignee, created_by,
                    created_at, updated_at, completed_at)
  VALUES (@organizationId, @parentTaskId, @title, @description, @status, @assignee, @creatorId,
          @createdAt, @updatedAt, @completedAt)`
const ADD_OWNER = 'INSERT INTO task_owner (organization_id, task_id, user_id, position) VALUES (?, ?, ?, ?)'
const TASKS_OF = `
  SELECT id, title, created_by AS createdBy, created_at AS createdAt FROM task
  WHERE organization_id = ? ORDER BY id`

export interface ImportedTask {
  organizationId: number
  parentTaskId: number | null
  title: string
  description: JsonValue
  status: Status
  assignee: string | null
  creatorId: number | null
  createdAt: number
  updatedAt: number
  completedAt: number | null
  /** In this order. */
  ownerIds: number[]
}

interface TaskHead {
  id: number
  title: string
  createdBy: number | null
  createdAt: number
}

export function importStatements(connection: Connection) {
  const { sqlite } = connection
  const append = auditAppender(connection)
  const userId = sqlite.prepare<[string], number>('SELECT id FROM user WHERE email = ?').pluck()
  const organizationId = sqlite
    .prepare<[string], number>('SELECT id FROM organization WHERE slug = ?')
    .pluck()
  const addTask = sqlite.prepare(ADD_TASK)
  const addOwner = sqlite.prepare(ADD_OWNER)

  return {
    userId,
    organizationId,
    addUser: sqlite.prepare(ADD_USER),
    addOrganization: sqlite.prepare(ADD_ORGANIZATION),
    addMember: sqlite.prepare(ADD_MEMBER),
    tasksOf: sqlite.prepare<[number], TaskHead>(TASKS_OF),
    /**
     * A function for one transaction, inside which it is made: adds a task with its owners, and its creation
     * to the audit as the terminal's doing; answers its id.
     */
    taskAdder(by: { at: number; requestId: string }): (task: ImportedTask) => number {
      const audit = append()
      const actor = { userId: 0, clientId: BUILT_IN_CLIENT_ID, ...by }
      return ({ ownerIds, ...row }) => {
        const description = row.description === null ? null : jsonText(row.description)
        const taskId = Number(addTask.run({ ...row, description }).lastInsertRowid)
        const { organizationId } = row
        for (const [position, userId] of ownerIds.entries()) {
          addOwner.run(organizationId, taskId, userId, position)
        }
        audit(actor, { organizationId, taskId, action: 'create', changes: firstValues(row) })
        return taskId
      }
    },
  }
}

export type ImportStatements = ReturnType<typeof importStatements>
