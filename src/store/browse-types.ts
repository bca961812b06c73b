/** The part of the Store contract that the screens of the terminal read; see types.ts for what holds for all of it. */
import type { Status } from '../tools/words.js'
import type { TaskPage } from './task-types.js'

/** The whole store in numbers. */
export interface Overview {
  organizations: number
  people: number
  /** How many of the people are disabled. */
  disabled: number
  tasks: Record<Status, number>
  /** Changes in the audit at or after the time that was asked for. */
  changes: number
  /** The database's own size in bytes, and that of the log that is still to be merged into it. */
  bytes: number
  logBytes: number
}

export interface BrowseQuery {
  /** A part of the title or of the assignee, letter case aside (A to Z); or the id. */
  text?: string | undefined
  status?: Status | undefined
  organizationId?: number | undefined
  /** Only tasks with a lower id. */
  before?: number | undefined
  limit: number
}

/** What whoever holds the database file may see: every organization, whoever belongs to it. */
export interface BrowseStore {
  overview(since: number): Promise<Overview>
  /**
   * Tasks of every organization, the newest (highest id) first, so that a row keeps its place when it changes.
   * A search by text reads in steps and ends early, with what it has, once `signal` is aborted.
   */
  tasks(query: BrowseQuery, signal?: AbortSignal): Promise<TaskPage>
  /** A number that changes whenever another process has written. */
  revision(): Promise<number>
}
