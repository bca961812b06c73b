/** The part of the Store contract that speaks of whole stores: seeds, exports, made-up data. */
import type { JsonValue, Role, Status } from './types.js'

/** People and organizations are known by e-mail and slug, so that records mean the same in every store. */
export interface SeedUser {
  email: string
  name: string
  createdAt?: number | undefined
  disabledAt?: number | undefined
}

export interface SeedOrganization {
  slug: string
  name: string
  createdAt?: number | undefined
}

export interface SeedMember {
  email: string
  organization: string
  role: Role
  createdAt?: number | undefined
}

export interface SeedTask {
  organization: string
  title: string
  /** What `parent` of other records names it by; no id of the store. */
  id?: number | undefined
  /** The `id` of a task that stands before it. */
  parent?: number | undefined
  description?: JsonValue | undefined
  status: Status
  assignee?: string | undefined
  createdBy?: string | undefined
  owners: string[]
  createdAt?: number | undefined
  updatedAt?: number | undefined
  completedAt?: number | undefined
}

export interface SeedRecords {
  users: SeedUser[]
  organizations: SeedOrganization[]
  members: SeedMember[]
  tasks: SeedTask[]
}

export type SeedKind = keyof SeedRecords

/** How many records of a kind were added, and how many were there already. */
export type SeedOutcome = Record<SeedKind, { added: number; there: number }>

export interface ImportStore {
  /**
   * One immediate transaction: adds what is not there yet, with its audit; what is there stays as it is.
   * People are known by e-mail, organizations by slug, memberships by both; a task is there when its
   * organization has one with its title and creator (and its time of creation, where that is given).
   * With `dryRun` all of it is taken back.
   * @throws ZukoError FAILED when a record names somebody or something that is nowhere
   */
  add(records: SeedRecords, by: { at: number; requestId: string; dryRun?: boolean }): Promise<SeedOutcome>
  /** Which of these e-mails and slugs the store knows. */
  known(names: { emails: string[]; slugs: string[] }): Promise<{ emails: Set<string>; slugs: Set<string> }>
}

/** One record of an export, in the order in which an import wants them. */
export type SeedRecord = { [Kind in SeedKind]: { kind: Kind; record: SeedRecords[Kind][number] } }[SeedKind]

export interface ExportStore {
  /** Reads every record of one moment, oldest first within its kind; `visit` must not wait for anything. */
  read(visit: (record: SeedRecord) => void): Promise<void>
}

/** What made-up data depends on; the same plan makes the same data. */
export interface MadeUpPlan {
  seed: string
  tasks: number
  organizations: number
  users: number
}

/** A made-up task; `parent` is the place of another in the same batch. */
export interface MadeUpTask {
  organizationId: number
  parent: number | null
  title: string
  /** JSON text. */
  description: string | null
  status: Status
  assignee: string | null
  createdAt: number
  updatedAt: number
  completedAt: number | null
  /** The first made it. */
  ownerIds: number[]
}

/** With a time of creation. */
type Dated<Kind> = Omit<Kind, 'createdAt'> & { createdAt: number }
export type MadeUpOrganization = Dated<SeedOrganization>
export type MadeUpUser = Dated<Omit<SeedUser, 'disabledAt'>>
export interface MadeUpMember {
  userId: number
  organizationId: number
  role: Role
  createdAt: number
}

export interface MadeUpStore {
  /**
   * Notes a plan at its first organization, which is made if need be; or answers the plan that is noted
   * there, with how many of its tasks are done.
   */
  begin(plan: MadeUpPlan, organization: MadeUpOrganization): Promise<{ plan: MadeUpPlan; done: number }>
  /** Adds what is not there yet and answers the ids of all, in this order; in short transactions. */
  addOrganizations(organizations: readonly MadeUpOrganization[]): Promise<number[]>
  addUsers(users: readonly MadeUpUser[]): Promise<number[]>
  addMembers(members: readonly MadeUpMember[]): Promise<void>
  /**
   * Adds the plan's tasks from one number up to, not including, another, in short transactions: `make` answers
   * those of one batch, and may add some. `seen` is told how many are done, and ends the work when it answers
   * false. Answers how many were added.
   */
  addTasks(
    organizationId: number,
    range: { from: number; to: number },
    make: (from: number, to: number) => MadeUpTask[],
    seen: (done: number) => boolean,
  ): Promise<number>
}
