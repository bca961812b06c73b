/** The part of the Store contract that speaks of tasks; see types.ts for what holds for all of it. */
import type { Status } from '../tools/words.js'
import type { Actor, JsonValue, Organization, Person } from './types.js'

/** A row of a list: no description, no empty fields. */
export interface TaskRow {
  id: number
  title: string
  status: Status
  organizationId: number
  organizationName: string
  assignee: string | null
  parentTaskId: number | null
  completedAt: number | null
  updatedAt: number
}

export interface TaskSummary {
  id: number
  title: string
  status: Status
}

/** Everything about one task. */
export interface TaskDetail {
  id: number
  title: string
  status: Status
  organization: Organization
  description: JsonValue
  assignee: string | null
  owners: Person[]
  parentTask: TaskSummary | null
  subtasks: TaskSummary[]
  createdBy: Person | null
  createdAt: number
  updatedAt: number
  completedAt: number | null
  /** Whether it has more owners or subtasks after these. */
  moreOwners: boolean
  moreSubtasks: boolean
}

/** From where on owners and subtasks are read: after so many owners, and after the subtask with this id. */
export interface DetailPlace {
  ownersFrom: number
  subtasksAfter: number
}

/** A position in the order of a list: most recently updated first, ties by higher id first. */
export interface ListPosition {
  updatedAt: number
  id: number
}

export interface TaskQuery {
  userId: number
  organizationId?: number | undefined
  status?: Status | undefined
  /** Only rows after this position. */
  after?: ListPosition | undefined
  limit: number
}

/** The rows of a list, and whether there are more after them. */
export interface TaskPage {
  tasks: TaskRow[]
  more: boolean
}

export interface NewTask {
  organizationId: number
  title: string
  description: JsonValue
  status: Status
  assignee: string | null
  parentTaskId: number | null
  completedAt?: number | null
  /** The creator becomes the first owner; others follow in this order. */
  ownerIds?: number[]
}

export interface TaskPatch {
  title?: string
  description?: JsonValue
  status?: Status
  assignee?: string | null
  completedAt?: number | null
}

export type TaskField = keyof TaskPatch

/** Same user, key and fingerprint return the first task again until the key expires. */
export interface Idempotency {
  key: string
  /** A hash over the arguments as the tool understood them. */
  fingerprint: string
  expiresAt: number
}

export type CreateOutcome =
  | { kind: 'created'; task: TaskDetail }
  | { kind: 'replayed'; task: TaskDetail }
  /** The caller is no member of the organization, or there is none with that id. */
  | { kind: 'organization_not_found' }
  /** No such task in that organization. */
  | { kind: 'parent_not_found' }
  | { kind: 'idempotency_mismatch' }

export type Replay = Extract<CreateOutcome, { kind: 'replayed' | 'idempotency_mismatch' }>

export type UpdateOutcome =
  | {
      kind: 'updated'
      task: TaskDetail
      /** Times in `from` and `to` of completedAt are milliseconds. */
      changed: Partial<Record<TaskField, { from: JsonValue; to: JsonValue }>>
    }
  | { kind: 'not_found' }
  | { kind: 'conflict'; task: TaskDetail }

export interface TaskStore {
  /** At most `limit` rows. */
  list(query: TaskQuery): Promise<TaskPage>
  /** With at most 500 of its owners and 500 of its subtasks, from a place on. */
  get(userId: number, taskId: number, from?: DetailPlace): Promise<TaskDetail | undefined>
  /** One immediate transaction: membership, idempotency key, task, owners, audit. */
  create(actor: Actor, task: NewTask, idempotency?: Idempotency): Promise<CreateOutcome>
  /**
   * What `create` would answer from the idempotency key alone, so that a retry is recognised before anything
   * about its arguments is resolved again; undefined when the key is new, or expired, at `at`.
   */
  replay(userId: number, idempotency: Omit<Idempotency, 'expiresAt'>, at: number): Promise<Replay | undefined>
  /**
   * One immediate transaction: membership, `expectedUpdatedAt` inside the UPDATE, audit.
   * `updatedAt` becomes max(actor.at, previous + 1). A patch that changes nothing writes nothing.
   */
  update(actor: Actor, taskId: number, patch: TaskPatch, expectedUpdatedAt?: number): Promise<UpdateOutcome>
}

/** A task that was created at one time and, where `later` says so, changed once since; all by one person. */
export interface SeededTask {
  actor: Pick<Actor, 'userId' | 'at'>
  task: Omit<NewTask, 'parentTaskId'>
  /** Another task of the same seed, created earlier in the same organization. */
  parent?: SeededTask
  later?: { at: number; patch: TaskPatch }
}

export interface SeedStore {
  /**
   * One immediate transaction: adds those tasks whose organization has none yet, with their audit.
   * Answers how many were added.
   */
  addTasks(tasks: readonly SeededTask[], by: Pick<Actor, 'clientId' | 'requestId'>): Promise<number>
}
