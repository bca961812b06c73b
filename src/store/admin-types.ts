/** The part of the Store contract that whoever looks after the store uses; see types.ts for what holds for all of it. */
import type { TaskStore } from './task-types.js'
import type { JsonValue, MemberStore, OAuthClient } from './types.js'

export interface ListedClient extends OAuthClient {
  createdAt: number | null
  /** True for a revoked client: it can neither sign anybody in nor renew anything. */
  disabled: boolean
  /** How many people granted it something. */
  grants: number
}

export interface ListedGrant {
  userId: number
  email: string
  clientId: string
  clientName: string | null
  scopes: string[]
  /** When the person first, and when the person last, granted this client anything. */
  createdAt: number
  updatedAt: number
}

export interface AuditEntry {
  id: number
  at: number
  /** 0 is whoever holds the store itself, at the terminal. */
  userId: number
  clientId: string
  requestId: string
  organizationId: number
  taskId: number
  action: 'create' | 'update'
  changes: Record<string, { from: JsonValue; to: JsonValue }>
}

export interface AuditFilter {
  taskId?: number | undefined
  userId?: number | undefined
  /** Only changes with a lower id. */
  before?: number | undefined
  limit: number
}

/**
 * The first place at which an organization's chain of hashes is not as it was written: a row was altered, rows
 * from there on are missing, or the end is not the one that was noted. `id` is the row's, where there is one.
 * Organization 0 stands for rows that were missing before each organization had a chain of its own.
 */
export interface AuditBreak {
  organizationId: number
  /** Counted from 1 within the organization. */
  position: number
  what: 'altered' | 'removed' | 'end'
  id?: number
}

/** What the chains of hashes prove: how many rows are sound, and for each chain that is broken, where. */
export interface AuditProof {
  rows: number
  broken?: AuditBreak[]
}

export interface AuditStore {
  /** Newest first. */
  list(filter: AuditFilter): Promise<AuditEntry[]>
  find(id: number): Promise<AuditEntry | undefined>
  /** Computes every hash again, in steps; `seen` is told how many rows were looked at. */
  verify(seen?: (rows: number) => void): Promise<AuditProof>
}

/**
 * The same as what members of an organization may do, for whoever holds the store itself: of these methods
 * none asks for a membership, and the actor is nobody that the store knows (`userId` 0).
 */
export interface OperatorStore {
  tasks: Pick<TaskStore, 'get' | 'update'>
  members: Pick<MemberStore, 'match'>
}

/** What became of what a removed person had. */
export interface RemovedPerson {
  /** Memberships that ended, tasks that name no creator any more, and owners that tasks lost. */
  memberships: number
  created: number
  owned: number
}
