/** The tables of the CRM itself; people, organizations and members are the authorization server's. */
import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  unique,
} from 'drizzle-orm/sqlite-core'
import { organization, user } from './auth-schema.js'

export * from './auth-schema.js'
export * from './oauth-schema.js'

/**
 * `description` is JSON text, exactly as it was given. Times are milliseconds. The two `task_recent` indexes
 * hold the order of a list for each organization, so that reading its newest rows costs the same however
 * many there are. (organization_id, id) is unique so that a parent can be tied to its child's organization.
 */
export const task = sqliteTable(
  'task',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    organizationId: integer('organization_id')
      .notNull()
      .references(() => organization.id, { onDelete: 'cascade' }),
    parentTaskId: integer('parent_task_id'),
    title: text('title').notNull(),
    description: text('description'),
    status: text('status', { enum: ['TODO', 'IN_PROGRESS', 'DONE', 'CANCELLED'] }).notNull(),
    assignee: text('assignee'),
    createdBy: integer('created_by').references(() => user.id, { onDelete: 'set null' }),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    completedAt: integer('completed_at'),
  },
  (table) => [
    unique('task_organization_id').on(table.organizationId, table.id),
    foreignKey({
      name: 'task_parent',
      columns: [table.organizationId, table.parentTaskId],
      foreignColumns: [table.organizationId, table.id],
    }),
    index('task_recent').on(table.organizationId, table.updatedAt, table.id),
    index('task_recent_by_status').on(table.organizationId, table.status, table.updatedAt, table.id),
    index('task_subtasks').on(table.organizationId, table.parentTaskId, table.id),
    index('task_created_by').on(table.createdBy),
    check('task_status', sql`${table.status} IN ('TODO', 'IN_PROGRESS', 'DONE', 'CANCELLED')`),
  ],
)

export const taskOwner = sqliteTable(
  'task_owner',
  {
    organizationId: integer('organization_id').notNull(),
    taskId: integer('task_id').notNull(),
    userId: integer('user_id')
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    /** Order among the owners; the creator is 0. */
    position: integer('position').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.userId] }),
    foreignKey({
      name: 'task_owner_task',
      columns: [table.organizationId, table.taskId],
      foreignColumns: [task.organizationId, task.id],
    }).onDelete('cascade'),
    index('task_owner_user').on(table.userId),
  ],
)

export const idempotencyKey = sqliteTable(
  'idempotency_key',
  {
    userId: integer('user_id')
      .notNull()
      .references(() => user.id, { onDelete: 'cascade' }),
    key: text('key').notNull(),
    fingerprint: text('fingerprint').notNull(),
    taskId: integer('task_id').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.key] }),
    index('idempotency_key_expiry').on(table.expiresAt),
  ],
)

/**
 * Who changed which task, through which client, from what to what. Append-only, one chain for each organization:
 * `position` counts its rows from 1, and each row's `hash` is SHA-256 over the previous row's hash and this
 * row's values, so that a row altered or removed later shows.
 */
export const audit = sqliteTable(
  'audit',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: integer('at').notNull(),
    userId: integer('user_id').notNull(),
    clientId: text('client_id').notNull(),
    requestId: text('request_id').notNull(),
    organizationId: integer('organization_id').notNull(),
    position: integer('position').notNull(),
    taskId: integer('task_id').notNull(),
    action: text('action', { enum: ['create', 'update'] }).notNull(),
    changes: text('changes').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    unique('audit_chain').on(table.organizationId, table.position),
    index('audit_task').on(table.taskId, table.id),
    index('audit_user').on(table.userId, table.id),
  ],
)

/**
 * The end of each chain: place and hash of its last row, so that rows cut off the end show as well. Whoever
 * writes to an organization's tasks holds this row first.
 */
export const auditHead = sqliteTable('audit_head', {
  organizationId: integer('organization_id').primaryKey(),
  position: integer('position').notNull(),
  hash: text('hash').notNull(),
})
