import { ZukoError } from '../../errors.js'
import type { MadeUpPlan, Store } from '../../store/types.js'
import type { AdminDeps } from '../deps.js'
import { progressLine } from '../progress.js'
import { counted } from '../words.js'
import { FAMILY, type MadeUpIds, membersOf, organizationAt, taskMaker, userAt } from './made-up-data.js'

const MAX_TASKS = 100_000_000
const MAX_ORGANIZATIONS = 100_000
const MAX_USERS = 1_000_000
const TASKS_OF_ONE_ORGANIZATION = 5000
const SEED = /^[a-z0-9]{1,20}$/

export interface SeedMadeUp {
  tasks: number
  organizations?: number
  users?: number
  seed?: string
}

const tooMany = (what: string, most: number) =>
  new ZukoError('USAGE', `There can be at most ${most} made-up ${what}.`)

/** @throws ZukoError USAGE for what cannot be made */
function planOf({ tasks, organizations, users, seed = '1' }: SeedMadeUp): MadeUpPlan {
  if (!SEED.test(seed)) {
    throw new ZukoError('USAGE', `"${seed}" is no seed.`, {
      fix: 'use 1 to 20 lower-case letters and digits',
    })
  }
  const some = organizations ?? Math.ceil(tasks / TASKS_OF_ONE_ORGANIZATION)
  const plan = { seed, tasks, organizations: some, users: users ?? some * 5 }
  if (tasks > MAX_TASKS) throw tooMany('tasks', MAX_TASKS)
  if (plan.organizations > MAX_ORGANIZATIONS) throw tooMany('organizations', MAX_ORGANIZATIONS)
  if (plan.users > MAX_USERS) throw tooMany('people', MAX_USERS)
  return plan
}

const words = ({ tasks, organizations, users }: MadeUpPlan): string =>
  `${counted(tasks, 'task')}, ${counted(organizations, 'organization')} and ${counted(users, 'person', 'people')}`

function refuseAnother(wanted: MadeUpPlan, noted: MadeUpPlan): void {
  if (words(wanted) === words(noted)) return
  throw new ZukoError('FAILED', `The seed "${noted.seed}" stands for ${words(noted)} in this store.`, {
    fix: `use another --seed, or give these numbers: --random ${noted.tasks} --organizations ${noted.organizations} --users ${noted.users}`,
  })
}

/** The first organization holds how far its seed is; without it, what is there cannot be told from what is not. */
async function refuseHeadless({ organizations }: Store, plan: MadeUpPlan): Promise<void> {
  const [first, second] = [organizationAt(plan, 0).slug, organizationAt(plan, 1).slug]
  if ((await organizations.findBySlug(first)) || !(await organizations.findBySlug(second))) return
  throw new ZukoError('FAILED', `The organization ${first} of this seed was removed.`, {
    fix: 'use another --seed',
  })
}

async function addPeople({ madeUp }: Store, plan: MadeUpPlan): Promise<MadeUpIds> {
  const all = <Row>(length: number, make: (plan: MadeUpPlan, number: number) => Row): Row[] =>
    Array.from({ length }, (_, number) => make(plan, number))
  const organizations = await madeUp.addOrganizations(all(plan.organizations, organizationAt))
  const users = await madeUp.addUsers(all(plan.users, userAt))
  const members = membersOf(plan).map(({ user, organization, ...rest }) => ({
    ...rest,
    userId: users[user] ?? 0,
    organizationId: organizations[organization] ?? 0,
  }))
  await madeUp.addMembers(members)
  return { organizations, users }
}

/**
 * Adds made-up data in short transactions. What an earlier run with the same numbers left undone is finished;
 * nothing is made twice.
 * @throws ZukoError USAGE or FAILED for what cannot be made, INTERRUPTED when the command was ended
 */
export async function seedMadeUp(deps: AdminDeps, options: SeedMadeUp): Promise<void> {
  const { io, signal } = deps
  const plan = planOf(options)
  const store = await deps.store()
  await refuseHeadless(store, plan)
  const begun = await store.madeUp.begin(plan, organizationAt(plan, 0))
  refuseAnother(plan, begun.plan)
  if (begun.done >= plan.tasks)
    return io.out(`Nothing changed: ${words(plan)} of this seed are there already.`)
  const ids = await addPeople(store, plan)
  const progress = progressLine(io, 'tasks', plan.tasks, begun.done)
  const startedAt = performance.now()
  const make = taskMaker(plan, ids)
  /** Families stay together, so that a parent and its subtasks are in one batch. */
  const families = (from: number, to: number) =>
    make(from, Math.min(plan.tasks, from + Math.ceil((to - from) / FAMILY) * FAMILY))
  const added = await store.madeUp.addTasks(
    ids.organizations[0] ?? 0,
    { from: begun.done, to: plan.tasks },
    families,
    (seen) => {
      progress(seen)
      return !signal.aborted
    },
  )
  io.status('')
  if (begun.done + added < plan.tasks) {
    throw new ZukoError(
      'INTERRUPTED',
      `Interrupted: ${begun.done + added} of ${plan.tasks} tasks are there.`,
      {
        fix: 'run it again to make the rest',
      },
    )
  }
  const seconds = (performance.now() - startedAt) / 1000
  const rate = Math.round(added / seconds)
  io.out(`Added ${words({ ...plan, tasks: added })} in ${seconds.toFixed(1)} s (${rate} tasks a second).`)
}
