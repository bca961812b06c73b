import { type OpenStore, openStore } from '../../src/store/open.js'
import type { Caller, NewTask, Store, TaskDetail } from '../../src/store/types.js'
import { runTool, type ToolContext, toolByName } from '../../src/tools/index.js'

/** The fixed time of every fixture: 2026-01-15T09:00:00.000Z. */
export const T0 = Date.UTC(2026, 0, 15, 9)

/** A word that stands only in what Initech owns: nobody of another organization may ever read it. */
export const CANARY = 'CANARY-INITECH'

export const memoryStore = (): Promise<OpenStore> => openStore(':memory:')

/** Ids of the fixture: organizations, people and tasks. */
export interface Crm {
  organizations: { acme: number; globex: number; initech: number }
  people: { ada: number; grace: number; sam: number; sammy: number; edsger: number; nobody: number }
  tasks: { acme: number; acmeChild: number; globex: number; initech: number; initechChild: number }
}

export const callerOf = (userId: number): Caller => ({
  userId,
  clientId: 'test-client',
  requestId: 'request-1',
})
export const actorOf = (userId: number, at = T0) => ({ ...callerOf(userId), at })

/** A new task with everything empty that may be. */
export const newTask = (organizationId: number, task: Partial<NewTask> = {}): NewTask => ({
  organizationId,
  title: 'Call back',
  description: null,
  status: 'TODO',
  assignee: null,
  parentTaskId: null,
  ...task,
})

/** Creates a task that must succeed. */
export async function addTask(store: Store, userId: number, task: NewTask, at = T0): Promise<TaskDetail> {
  const outcome = await store.tasks.create(actorOf(userId, at), task)
  if (outcome.kind !== 'created') throw new Error(outcome.kind)
  return outcome.task
}

const addOrganization = async (store: Store, name: string) =>
  (await store.organizations.add({ name, slug: name.toLowerCase(), at: T0 })).id

async function addPerson(store: Store, name: string, email: string, organizations: number[] = []) {
  const { id: userId } = await store.people.add({ name, email, at: T0 })
  for (const organizationId of organizations) {
    await store.members.add({ userId, organizationId, role: 'member', at: T0 })
  }
  return userId
}

/**
 * Three organizations and six people without passwords: Ada is in Acme only, Grace in Acme and Globex, both
 * called Sam Lee in Acme, Edsger in Initech only, and one in none. Five tasks, each updated at T0.
 */
export async function seedCrm(store: Store): Promise<Crm> {
  const acme = await addOrganization(store, 'Acme')
  const globex = await addOrganization(store, 'Globex')
  const initech = await addOrganization(store, 'Initech')
  const people = {
    ada: await addPerson(store, 'Ada Lovelace', 'ada@example.com', [acme]),
    grace: await addPerson(store, 'Grace Hopper', 'grace@example.com', [acme, globex]),
    sam: await addPerson(store, 'Sam Lee', 'sam@example.com', [acme]),
    sammy: await addPerson(store, 'SAM LEE', 'sammy@example.com', [acme]),
    edsger: await addPerson(store, `Edsger ${CANARY}`, 'edsger@example.com', [initech]),
    nobody: await addPerson(store, 'Nobody', 'nobody@example.com'),
  }
  const add = async (userId: number, task: NewTask) => (await addTask(store, userId, task)).id
  const acmeTask = await add(people.ada, newTask(acme, { title: 'Renew contract' }))
  const initechTask = await add(people.edsger, newTask(initech, { title: CANARY, description: CANARY }))
  const tasks = {
    acme: acmeTask,
    acmeChild: await add(people.ada, newTask(acme, { title: 'Ask legal', parentTaskId: acmeTask })),
    globex: await add(people.grace, newTask(globex, { title: 'Ship samples' })),
    initech: initechTask,
    initechChild: await add(people.edsger, newTask(initech, { title: CANARY, parentTaskId: initechTask })),
  }
  return { organizations: { acme, globex, initech }, people, tasks }
}

export const contextOf = (store: Store, userId: number, at = T0): ToolContext => ({
  store,
  caller: callerOf(userId),
  now: () => new Date(at),
})

/** Runs a tool by name, as a call would: raw arguments in, checked answer out. */
export async function callTool(
  store: Store,
  userId: number,
  name: string,
  args: unknown,
  at = T0,
): Promise<Record<string, unknown>> {
  const tool = toolByName(name)
  if (!tool) throw new Error(`No tool ${name}`)
  return runTool(tool, args, contextOf(store, userId, at))
}
