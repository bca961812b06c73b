/**
 * The Store contract, in nouns. Every method is async, so that a database behind a socket fits as well.
 * Times are milliseconds since the epoch (UTC); ids are integers from 1 to 2147483647.
 * Every method that takes a `userId` or an `Actor` answers only from organizations that this person belongs
 * to at that moment; what is elsewhere and what does not exist are the same to it.
 */

import type { Role } from '../tools/words.js'
import type { AuditStore, ListedClient, ListedGrant, OperatorStore, RemovedPerson } from './admin-types.js'
import type { BrowseStore } from './browse-types.js'
import type { ExportStore, ImportStore, MadeUpStore } from './seed-types.js'
import type { SeedStore, TaskStore } from './task-types.js'

export type { Role, Status } from '../tools/words.js'
export type * from './admin-types.js'
export type * from './browse-types.js'
export type * from './seed-types.js'
export type * from './task-types.js'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }

/** Who calls: `userId` 0 is a person that the store does not know; it belongs to no organization. */
export interface Caller {
  userId: number
  clientId: string
  requestId: string
}

/** Who changes something, for the audit: a caller, and the time of the change. */
export interface Actor extends Caller {
  at: number
}

export interface Organization {
  id: number
  name: string
  slug: string
}

export interface Membership extends Organization {
  role: Role
}

export interface Person {
  id: number
  name: string
  email: string
}

export interface Account extends Person {
  disabledAt: number | null
  createdAt: number
}

export interface Member extends Person {
  organizationId: number
  organizationSlug: string
  role: Role
}

export interface OrganizationStore {
  /** The organizations of a person with the person's role, by name. */
  listFor(userId: number): Promise<Membership[]>
  /** One organization of a person. */
  find(userId: number, organizationId: number): Promise<Membership | undefined>
  list(): Promise<(Organization & { members: number; tasks: number })[]>
  findBySlug(slug: string): Promise<Organization | undefined>
  /** Adds an organization; with a slug that exists already, answers that one with `added` false. */
  add(organization: { name: string; slug: string; at: number }): Promise<Organization & { added: boolean }>
  /** Answers whether that changed anything. */
  rename(organizationId: number, name: string): Promise<boolean>
  /**
   * Removes an organization: first its members, so that nobody reaches it any more, then its tasks in small
   * transactions, then itself. A removal that was cut short is finished by another.
   */
  remove(organizationId: number): Promise<{ members: number; tasks: number }>
}

export interface MemberStore {
  list(organizationSlug?: string): Promise<Member[]>
  /** Adds a person to an organization; a membership that exists keeps its role and answers `added` false. */
  add(member: {
    userId: number
    organizationId: number
    role: Role
    at: number
  }): Promise<{ added: boolean; role: Role }>
  /** Answers the role before; undefined when there is no such membership. */
  setRole(userId: number, organizationId: number, role: Role): Promise<Role | undefined>
  /** Answers whether there was such a membership. */
  remove(userId: number, organizationId: number): Promise<boolean>
  /**
   * Members of an organization that `text` names: the one whose e-mail or id it is, else all whose name it is
   * (case-insensitive). Nobody, when `userId` is no member there.
   */
  match(userId: number, organizationId: number, text: string): Promise<Person[]>
}

export interface PeopleStore {
  list(): Promise<Account[]>
  findByEmail(email: string): Promise<Account | undefined>
  /** Adds a person without any way to sign in yet; with an e-mail that exists already, answers that one. */
  add(person: { name: string; email: string; at: number }): Promise<Account & { added: boolean }>
  /** Disables (a time) or enables (null) a person; answers whether that changed anything. Sessions end with it. */
  setDisabled(userId: number, at: number | null): Promise<boolean>
  /**
   * Ties a foreign subject to a person (better-auth's account table: provider = issuer, account = subject).
   * @throws ZukoError FAILED when the subject is tied to somebody else
   */
  link(link: { userId: number; issuer: string; subject: string; at: number }): Promise<{ added: boolean }>
  /** The hash of the person's password; undefined for a person without one. */
  passwordHash(userId: number): Promise<string | undefined>
  /** Sets the password by its hash and ends every session, so that whoever knew another is out. */
  setPassword(userId: number, hash: string, at: number): Promise<void>
  /**
   * Removes a person with every way in: sessions, grants, memberships. Tasks stay: they lose the person as
   * creator and owner, in small transactions; the assignee is text and stays as it is.
   */
  remove(userId: number): Promise<RemovedPerson>
}

/** What the guard asks on every call: may this person's token, from this client, still be used? */
export interface PrincipalStore {
  /** A person by own id. `grantedAt` is when the person last newly granted this client anything; undefined without a grant. */
  byId(
    userId: number,
    clientId: string,
  ): Promise<{ userId: number; disabled: boolean; grantedAt: number | undefined } | undefined>
  /** A person by a foreign issuer's subject. */
  bySubject(issuer: string, subject: string): Promise<{ userId: number; disabled: boolean } | undefined>
}

/** A signing key of the embedded authorization server, in the words of better-auth's jwt plugin. */
export interface StoredKey {
  /** The `kid`: the RFC 7638 thumbprint of the public key. */
  id: string
  /** The public JWK as JSON. */
  publicKey: string
  /** The private JWK as JSON, encrypted with the secret. */
  privateKey: string
  createdAt: Date
  expiresAt: Date | null
  alg: string | null
  crv: string | null
}

export interface KeyStore {
  /** Newest first. `createdAt` is when a key begins to sign, which may be still to come. */
  list(): Promise<StoredKey[]>
  add(key: StoredKey): Promise<void>
  /**
   * Adds a key whose `createdAt` is still to come, and lets every other sign until then. Answers false, and
   * adds nothing, while another key is still waiting for its time at `now`.
   */
  rotate(key: StoredKey, now: number): Promise<boolean>
  /** Removes every key, and with them what they signed. Answers how many there were. */
  clear(): Promise<number>
}

/** A registered OAuth client, in the words that consent shows. */
export interface OAuthClient {
  clientId: string
  name: string | null
  uri: string | null
  redirectUris: string[]
}

export interface ClientStore {
  find(clientId: string): Promise<OAuthClient | undefined>
  /** Clients registered since a time that nobody has granted anything; the sweep takes those before. */
  countUnused(since: number): Promise<number>
  /** Newest first. */
  list(): Promise<ListedClient[]>
  /** Disables a client and ends every grant and token of it; answers how many grants, or undefined when it was so already. */
  revoke(clientId: string): Promise<{ grants: number } | undefined>
}

/** A grant: which scopes one person allowed one client. */
export interface Grant {
  userId: number
  clientId: string
  clientName: string
  scopes: readonly string[]
  at: number
}

export interface GrantStore {
  /**
   * Makes sure that a client of our own exists, which nobody can use to sign in (disabled, without redirect
   * URIs), and that the person granted it these scopes. A grant that exists keeps its `grantedAt`.
   */
  ensure(grant: Grant): Promise<void>
  /** Ends a grant with every token that rests on it; answers whether there was one. */
  revoke(userId: number, clientId: string): Promise<boolean>
  /** By e-mail, then by client. */
  list(): Promise<ListedGrant[]>
}

/** `perSecond` calls on average, `burst` at once. */
export interface Allowance {
  perSecond: number
  burst: number
}

/** One key of one bucket: how much a person or an address may still do. */
interface AllowanceKey {
  bucket: string
  key: string
  allowance: Allowance
}

/** Allowances that all nodes of a store share: together they never grant more than the burst and the rate since. */
export interface AllowanceStore {
  /** Takes as many of `calls` as there are. Where there is none, `waitMs` is when there is one. */
  take(wanted: AllowanceKey & { calls: number }): Promise<{ granted: number; waitMs: number }>
  /** Puts one call back. */
  giveBack(taken: AllowanceKey): Promise<void>
}

export interface Store {
  tasks: TaskStore
  organizations: OrganizationStore
  members: MemberStore
  people: PeopleStore
  principals: PrincipalStore
  keys: KeyStore
  clients: ClientStore
  grants: GrantStore
  audit: AuditStore
  seeds: SeedStore
  imports: ImportStore
  exports: ExportStore
  madeUp: MadeUpStore
  browse: BrowseStore
  operator: OperatorStore
  /** Throws UNAVAILABLE when the database does not answer. */
  ping(): Promise<void>
  /** Removes what has expired: idempotency keys, sessions, codes, tokens, unused clients. Answers how many rows. */
  sweep(now: number): Promise<number>
  close(): Promise<void>
}
