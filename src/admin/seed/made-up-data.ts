/** Made-up records: each depends on the seed and on its own number alone, so that a run can go on anywhere. */
import type { MadeUpPlan, MadeUpTask, Role, Status } from '../../store/types.js'
import { COMPANIES, FIRST_NAMES, LAST_NAMES, NOTES, THINGS, TRADES, VERBS } from './made-up-words.js'

/** The made-up past: two years, which end where 2026 begins. */
const [BEGIN, END] = [Date.UTC(2024, 0), Date.UTC(2026, 0)]
const DAY = 86_400_000

/** Tasks come in families of so many, in one organization: the first may have the others below it. */
export const FAMILY = 5

/**
 * An organization gets its tasks in runs of whole families, about twenty runs in all and none longer than
 * this: what one transaction adds then lies together in the indexes, which is what makes it fast.
 */
const LONGEST_RUN = 200

const runLength = ({ tasks, organizations }: MadeUpPlan): number => {
  const families = Math.floor(tasks / organizations / 20 / FAMILY)
  return Math.min(LONGEST_RUN, Math.max(1, families) * FAMILY)
}

/** A number from 0 up to, not including, 1. */
type Random = () => number

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  return value >>> 0
}

/** Mulberry32, begun at a place of its own for each number of each kind. */
function randomAt(start: number, number: number): Random {
  let state = (start ^ Math.imul(number + 1, 0x9e3779b1)) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)] as T

/** 46 tasks of 100 are done, as in a store that is in use. */
function statusOf(random: Random): Status {
  const share = random()
  if (share < 0.46) return 'DONE'
  if (share < 0.76) return 'TODO'
  return share < 0.94 ? 'IN_PROGRESS' : 'CANCELLED'
}

function descriptionOf(random: Random, company: string): string | null {
  const share = random()
  if (share < 0.5) return null
  if (share < 0.85) return JSON.stringify(`${pick(NOTES, random)} ${pick(NOTES, random)}`)
  const value = { customer: company, amount: Math.floor(random() * 90_000) + 100, note: pick(NOTES, random) }
  return JSON.stringify(value)
}

/** The parts of a plan that single records depend on. */
type Plan = Pick<MadeUpPlan, 'seed' | 'organizations' | 'users'>

export function organizationAt({ seed }: Plan, number: number) {
  const random = randomAt(hash(`organization ${seed}`), number)
  const name = `${pick(COMPANIES, random)} ${pick(TRADES, random)}`
  return { slug: `made-up-${seed}-${number + 1}`, name, createdAt: BEGIN }
}

export function userAt({ seed }: Plan, number: number) {
  const random = randomAt(hash(`user ${seed}`), number)
  const [first, last] = [pick(FIRST_NAMES, random), pick(LAST_NAMES, random)]
  const email = `${first}.${last}.${number + 1}@made-up-${seed}.example`.toLowerCase()
  return { email, name: `${first} ${last}`, createdAt: BEGIN }
}

/** A membership, by the numbers of its two sides. */
export interface MadeUpMember {
  user: number
  organization: number
  role: Role
  createdAt: number
}

/** Everybody belongs to one organization; each has an owner, who may belong to others too. */
export function membersOf({ organizations, users }: Plan): MadeUpMember[] {
  const owners = Array.from({ length: organizations }, (_, number) => ({
    user: number % users,
    organization: number,
    role: 'owner' as const,
    createdAt: BEGIN,
  }))
  const others = Array.from({ length: users }, (_, number) => ({
    user: number,
    organization: number % organizations,
    role: number % 7 === 0 ? ('admin' as const) : ('member' as const),
    createdAt: BEGIN,
  }))
  return [...owners, ...others.filter(({ user, organization }) => organization % users !== user)]
}

/** The number of somebody who belongs to an organization, as `membersOf` says. */
function memberAt({ organizations, users }: Plan, organization: number, random: Random): number {
  const own = Math.ceil((users - organization) / organizations)
  return own < 1 ? organization % users : organization + organizations * Math.floor(random() * own)
}

/** Ids that the store gave, by number. */
export interface MadeUpIds {
  organizations: readonly number[]
  users: readonly number[]
}

/**
 * Makes the tasks from one number up to, not including, another; parents by their place among them. They are
 * told in the order of time, so that their ids grow with it as in a store that is in use.
 */
export function taskMaker(plan: MadeUpPlan, ids: MadeUpIds): (from: number, to: number) => MadeUpTask[] {
  const [starts, homes] = [hash(`task ${plan.seed}`), hash(`home ${plan.seed}`)]
  const run = runLength(plan)
  const emails = ids.users.map((_, number) => userAt(plan, number).email)

  function task(number: number, from: number): MadeUpTask {
    const place = number % FAMILY
    const home = Math.floor(randomAt(homes, Math.floor(number / run))() * plan.organizations)
    const random = randomAt(starts, number)
    const creator = memberAt(plan, home, random)
    const second = random() < 0.2 ? memberAt(plan, home, random) : creator
    const company = pick(COMPANIES, random)
    const status = statusOf(random)
    const createdAt = BEGIN + Math.floor(((number + random()) / plan.tasks) * (END - BEGIN - 60 * DAY))
    const updatedAt = createdAt + Math.floor(random() * 60 * DAY)
    return {
      organizationId: ids.organizations[home] ?? 0,
      parent: place > 0 && random() < 0.4 ? number - place - from : null,
      title: `${pick(VERBS, random)} ${pick(THINGS, random)} for ${company} ${pick(TRADES, random)}`,
      description: descriptionOf(random, company),
      status,
      assignee: random() < 0.7 ? (emails[memberAt(plan, home, random)] ?? null) : null,
      createdAt,
      updatedAt,
      completedAt: status === 'DONE' ? updatedAt : null,
      ownerIds: [...new Set([creator, second])].map((member) => ids.users[member] ?? 0),
    }
  }

  return (from, to) => Array.from({ length: Math.max(0, to - from) }, (_, index) => task(from + index, from))
}
