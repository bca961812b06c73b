import type { drizzleAdapter } from 'better-auth/adapters/drizzle'
import type { Work } from './statement.js'

/**
 * For whom a transaction reads and writes: a person, by id, or whoever holds the store itself. Statements ask
 * for memberships themselves; Postgres holds a second fence (row-level security) by it.
 */
export type Viewer = number | 'operator'

/** Reads for whoever holds the store itself. */
export type Read = <Result>(work: () => Work<Result>) => Promise<Result>

/** A database: what runs work, and the few things that each does in its own way. */
export interface Engine {
  readonly dialect: 'sqlite' | 'postgres'
  /** Runs `work` on one consistent snapshot. */
  read<Result>(viewer: Viewer, work: () => Work<Result>): Promise<Result>
  /** Runs `work`, which may take its time, over one snapshot of all rows: `read` reads from it, as often as needed. */
  snapshot<Result>(work: (read: Read) => Promise<Result>): Promise<Result>
  /**
   * Runs `work` in one transaction: all of it, or nothing. It may run again from the start, when the database
   * asks for that, so it keeps what it learns to itself. Writers of one organization's tasks come one after
   * another: on SQLite because there is one writer, on Postgres because each takes the organization's lock first.
   */
  write<Result>(viewer: Viewer, work: () => Work<Result>): Promise<Result>
  /**
   * Runs `work` while nobody else runs work under the same name: on Postgres no process on this database, on
   * SQLite nobody in this process (nor in those beside it, where `openStore` is given siblings).
   */
  alone<Result>(name: string, work: () => Promise<Result>): Promise<Result>
  /** Runs `work`, which writes very many rows, with settings that suit it; what a power cut may cost stands there. */
  inBulk<Result>(work: () => Promise<Result>): Promise<Result>
  /** Changes whenever another process has written. */
  revision(): Promise<number>
  /** Bytes of the database, and of the log beside it. */
  size(): Promise<{ bytes: number; logBytes: number }>
  /** What better-auth's `database` option takes: the same database, so that both see the same rows. */
  authDatabase: ReturnType<typeof drizzleAdapter>
  close(): Promise<void>
}
