import { addPerson } from './auth/people.js'
import type { Auth } from './auth/server.js'
import { isLoopback } from './config.js'
import { HARBOR_TASKS } from './demo/harbor.js'
import { JUNIPER_TASKS } from './demo/juniper.js'
import { NORTHLIGHT_TASKS } from './demo/northlight.js'
import { DEMO_ORGANIZATIONS, DEMO_PASSWORD, DEMO_PEOPLE, type DemoPerson } from './demo/people.js'
import type { DemoTask } from './demo/task.js'
import type { Role, SeededTask, Store } from './store/types.js'

export { DEMO_PASSWORD, DEMO_PEOPLE } from './demo/people.js'

const DAY_MS = 24 * 3600 * 1000
const SOURCE = { clientId: 'zuko-mcp-admin', requestId: 'seed-demo' }
const TASKS = { juniper: JUNIPER_TASKS, northlight: NORTHLIGHT_TASKS, harbor: HARBOR_TASKS }

/** How many of each were added; all 0 when the demo was there already. */
export interface DemoCounts {
  people: number
  organizations: number
  tasks: number
}

type Ids = Record<DemoPerson, number>

/**
 * Fills a store with the demo CRM; what is there already stays as it is. Times are told back from `now`.
 * Behind a public base URL the accounts get no password, because everybody knows it.
 */
export async function seedDemo(store: Store, auth: Auth, now: Date): Promise<DemoCounts> {
  const people = await addPeople(auth, now)
  const counts: DemoCounts = { people: people.added, organizations: 0, tasks: 0 }
  const tasks: SeededTask[] = []
  for (const key of Object.keys(TASKS) as (keyof typeof TASKS)[]) {
    const { name, slug, members } = DEMO_ORGANIZATIONS[key]
    const organization = await store.organizations.add({ name, slug, at: now.getTime() })
    if (organization.added) counts.organizations += 1
    for (const [person, role] of Object.entries(members) as [DemoPerson, Role][]) {
      const membership = { userId: people.ids[person], organizationId: organization.id, role }
      await store.members.add({ ...membership, at: now.getTime() })
    }
    tasks.push(...TASKS[key].flatMap((task) => seeded(task, organization.id, people.ids, now.getTime())))
  }
  return { ...counts, tasks: await store.seeds.addTasks(tasks, SOURCE) }
}

async function addPeople(auth: Auth, at: Date): Promise<{ ids: Ids; added: number }> {
  const password = isLoopback(auth.backendUrl) ? DEMO_PASSWORD : null
  const ids = {} as Ids
  let added = 0
  for (const { key, email, name } of DEMO_PEOPLE) {
    const person = await addPerson(auth, { email, name, password, at })
    ids[key] = person.id
    if (person.added) added += 1
  }
  return { ids, added }
}

/** A demo task and those below it: begun without an assignee as TODO, and later as it stands now. */
function seeded(
  demo: DemoTask,
  organizationId: number,
  ids: Ids,
  now: number,
  parent?: SeededTask,
): SeededTask[] {
  const { title, description = null, status, by } = demo
  const at = now - demo.updated * DAY_MS
  const ownerIds = (demo.with ?? []).map((person) => ids[person])
  const completedAt = status === 'DONE' ? at : null
  const task: SeededTask = {
    actor: { userId: ids[by], at: now - demo.created * DAY_MS },
    task: { organizationId, title, description, status: 'TODO', assignee: null, ownerIds },
    later: { at, patch: { status, assignee: assigneeOf(demo), completedAt } },
    ...(parent && { parent }),
  }
  return [task, ...(demo.subtasks ?? []).flatMap((below) => seeded(below, organizationId, ids, now, task))]
}

const assigneeOf = ({ assignee }: DemoTask): string | null =>
  DEMO_PEOPLE.find(({ key }) => key === assignee)?.email ?? assignee ?? null
