/** Organizations whose every text carries a canary of its own, and calls that try to make one sing elsewhere. */
import { randomUUID } from 'node:crypto'
import * as fc from 'fast-check'
import type { Target } from '../helpers/target.js'

/** An id that no task and no organization ever had. */
export const NEVER = 2_147_483_600
const CANARY = /CANARY-[0-9a-f]{12}/g
export const newCanary = (): string => `CANARY-${randomUUID().slice(-12)}`

interface Person {
  userId: number
  token: string
  email: string
  canary: string
}

interface Organization {
  id: number
  canary: string
  members: Set<Person>
  /** Whoever was ever here may have left a name on a task. */
  everMembers: Set<Person>
  tasks: number[]
}

export interface World {
  target: Target
  people: Person[]
  organizations: Organization[]
  /** Cursors that were given out, whoever got them. */
  cursors: string[]
  calls: number
}

export async function addPerson(target: Target): Promise<Person> {
  const canary = newCanary()
  const email = `${randomUUID()}@example.com`
  const { id: userId } = await target.store.people.add({ name: canary, email, at: Date.now() })
  return { userId, email, canary, token: await target.tokenFor(userId) }
}

export async function addOrganization(target: Target, members: Person[]): Promise<Organization> {
  const canary = newCanary()
  const { id } = await target.store.organizations.add({ name: canary, slug: randomUUID(), at: Date.now() })
  const organization = { id, canary, members: new Set<Person>(), everMembers: new Set<Person>(), tasks: [] }
  for (const person of members) await join(target, organization, person)
  return organization
}

async function join({ store }: Target, organization: Organization, person: Person): Promise<void> {
  const { userId } = person
  await store.members.add({ userId, organizationId: organization.id, role: 'member', at: Date.now() })
  organization.members.add(person)
  organization.everMembers.add(person)
}

/** Three organizations: one person in each, and one in the first two. */
async function newWorld(target: Target): Promise<World> {
  const people = await Promise.all(Array.from({ length: 4 }, () => addPerson(target)))
  const [a, b, c, ab] = people as [Person, Person, Person, Person]
  const organizations = [
    await addOrganization(target, [a, ab]),
    await addOrganization(target, [b, ab]),
    await addOrganization(target, [c]),
  ]
  return { target, people, organizations, cursors: [], calls: 0 }
}

/** What a person may read at this moment: whose canaries, and no other. */
function mayRead({ organizations }: World, person: Person): Set<string> {
  const own = organizations.filter(({ members }) => members.has(person))
  const names = own.flatMap(({ canary, everMembers }) => [
    canary,
    ...[...everMembers].map((one) => one.canary),
  ])
  return new Set([person.canary, ...names])
}

/** One call as a person; throws when the answer has a canary that the person may not read. */
export async function callAs(world: World, person: Person, tool: string, args: object) {
  world.calls++
  const answer = await world.target.call(person.token, tool, args)
  const allowed = mayRead(world, person)
  const foreign = [...new Set(answer.text.match(CANARY))].filter((canary) => !allowed.has(canary))
  if (foreign.length > 0) throw new Error(`${tool} ${JSON.stringify(args)} showed ${foreign}: ${answer.text}`)
  if (answer.status !== 200) throw new Error(`${tool} ${JSON.stringify(args)} answered ${answer.status}`)
  const { isError, content, structuredContent } = answer.json().result
  return { isError: isError === true, text: String(content[0].text), value: structuredContent }
}

const MAX = 1000
const pick = <T>(from: readonly T[], choice: number): T | undefined => from[choice % (from.length || 1)]
const number = fc.nat(MAX)

/** One step of somebody: which tool or change, and choices among what exists at that moment. */
const step = fc.record({
  kind: fc.constantFrom(
    ...([
      'organizations',
      'list',
      'list',
      'get',
      'get',
      'create',
      'create',
      'create',
      'update',
      'update',
    ] as const),
    ...(['join', 'leave'] as const),
  ),
  who: number,
  organization: number,
  task: number,
  whom: number,
  key: fc.nat(2),
  with: fc.subarray(['organization', 'parent', 'assignee', 'key', 'cursor', 'status', 'expected'] as const),
})
type Choices = typeof step extends fc.Arbitrary<infer T> ? T : never

class Step implements fc.AsyncCommand<World, World> {
  constructor(readonly choices: Choices) {}
  check = () => true
  toString = () => JSON.stringify(this.choices)

  async run(world: World): Promise<void> {
    const { kind, who, organization, task, whom } = this.choices
    const person = pick(world.people, who) as Person
    const at = pick(world.organizations, organization) as Organization
    const taskId = pick([...world.organizations.flatMap(({ tasks }) => tasks), NEVER], task) ?? NEVER
    const other = pick(world.people, whom) as Person
    if (kind === 'join') await join(world.target, at, other)
    else if (kind === 'leave') {
      await world.target.store.members.remove(other.userId, at.id)
      at.members.delete(other)
    } else await this.call(world, { person, at, taskId, other })
  }

  private async call(
    world: World,
    { person, at, taskId, other }: { person: Person; at: Organization; taskId: number; other: Person },
  ): Promise<void> {
    const given = new Set(this.choices.with)
    const { kind, key } = this.choices
    const status = given.has('status') ? { status: 'TODO' } : {}
    const assignee = given.has('assignee') ? { assignee: key === 0 ? other.email : String(other.userId) } : {}
    if (kind === 'organizations') return void (await callAs(world, person, 'list_organizations', {}))
    if (kind === 'list') {
      const organizationId = given.has('organization') ? { organizationId: at.id } : {}
      const cursor = pick(world.cursors, this.choices.task)
      const args = { ...status, ...organizationId, ...(given.has('cursor') && cursor ? { cursor } : {}) }
      const { value } = await callAs(world, person, 'list_tasks', args)
      if (value?.nextCursor) world.cursors.push(value.nextCursor)
      return
    }
    if (kind === 'create')
      return create(world, { person, at, given, taskId, key, more: { ...status, ...assignee } })
    const expected = given.has('expected') ? { expectedUpdatedAt: '2020-01-01T00:00:00Z' } : {}
    const args =
      kind === 'get' ? { taskId } : { taskId, title: person.canary, ...status, ...assignee, ...expected }
    const name = kind === 'get' ? 'get_task' : 'update_task'
    const owner = world.organizations.find(({ tasks }) => tasks.includes(taskId))
    // A text of a person's own, so that what others read of it is a name they may know.
    const answer = await callAs(world, person, name, {
      ...args,
      ...(owner && kind === 'update' ? { title: owner.canary } : {}),
    })
    if (owner?.members.has(person)) {
      if (kind === 'get' && answer.isError)
        throw new Error(`A task of one's own is not found: ${answer.text}`)
      return
    }
    const never = await callAs(world, person, name, { ...args, taskId: NEVER })
    if (answer.text !== never.text) throw new Error(`${answer.text} is not ${never.text}`)
  }
}

async function create(
  world: World,
  {
    person,
    at,
    given,
    taskId,
    key,
    more,
  }: { person: Person; at: Organization; given: Set<string>; taskId: number; key: number; more: object },
): Promise<void> {
  const args = {
    title: at.canary,
    description: { [at.canary]: [at.canary] },
    ...more,
    ...(given.has('organization') || person === world.people[3] ? { organizationId: at.id } : {}),
    ...(given.has('parent') ? { parentTaskId: taskId } : {}),
    ...(given.has('key') ? { idempotencyKey: `key-${key}` } : {}),
  }
  const own = world.organizations.filter(({ members }) => members.has(person))
  // Without an organization the only one is meant: then the texts are that one's.
  const meant = 'organizationId' in args ? at : own.length === 1 ? own[0] : undefined
  if (!meant?.members.has(person)) {
    const plain = { ...args, title: 'T', description: null }
    const answer = await callAs(world, person, 'create_task', plain)
    if (!answer.isError) throw new Error(`A task was created where nobody may: ${answer.text}`)
    return
  }
  const texts = { title: meant.canary, description: { [meant.canary]: [meant.canary] } }
  const { isError, value } = await callAs(world, person, 'create_task', { ...args, ...texts })
  if (!isError && !value.replayed) meant.tasks.push(value.id)
}

/**
 * Plays random sequences of calls of several people, while some of them join and leave organizations.
 * Throws with the shortest sequence in which somebody read what they may not.
 */
export async function playTenancy(
  target: Target,
  { sequences, seed }: { sequences: number; seed: number },
): Promise<{ sequences: number; calls: number }> {
  const figures = { sequences: 0, calls: 0 }
  const commands = fc.commands([step.map((choices) => new Step(choices))], { maxCommands: 16, size: 'max' })
  const property = fc.asyncProperty(commands, async (steps) => {
    const world = await newWorld(target)
    await fc.asyncModelRun(() => ({ model: world, real: world }), steps)
    figures.sequences++
    figures.calls += world.calls
  })
  await fc.assert(property, { numRuns: sequences, seed })
  if (target.logged().includes('CANARY-')) throw new Error('A log line holds a text of a task or a name.')
  return figures
}

/** Many clients at once, all with the same JSON-RPC id: each must get its own answer. */
export async function callTogether(
  target: Target,
  { clients, organizations, calls }: { clients: number; organizations: number; calls: number },
): Promise<{ calls: number; wrong: number }> {
  const world: World = { target, people: [], organizations: [], cursors: [], calls: 0 }
  for (let index = 0; index < organizations; index++) {
    world.organizations.push(await addOrganization(target, []))
  }
  for (let index = 0; index < clients; index++) {
    const person = await addPerson(target)
    world.people.push(person)
    await join(target, world.organizations[index % organizations] as Organization, person)
  }
  let [left, wrong] = [calls, 0]
  const work = async (person: Person, index: number) => {
    const own = world.organizations[index % organizations] as Organization
    while (left-- > 0) {
      const title = `${own.canary} ${person.userId} ${left}`
      const [tool, args, expected] =
        left % 3 === 0
          ? ['create_task', { title }, title]
          : left % 3 === 1
            ? ['list_organizations', {}, own.canary]
            : ['get_task', { taskId: NEVER }, 'NOT_FOUND']
      const { text } = await callAs(world, person, tool, args)
      if (!text.includes(expected)) wrong++
    }
  }
  await Promise.all(world.people.map(work))
  return { calls: world.calls, wrong }
}

/** Every argument that holds an id, with what makes the rest of the call right. */
export const ID_FIELDS: readonly (readonly [tool: string, field: string, rest: object])[] = [
  ['list_tasks', 'organizationId', {}],
  ['get_task', 'taskId', {}],
  ['create_task', 'organizationId', { title: 'T' }],
  ['create_task', 'parentTaskId', { title: 'T' }],
  ['update_task', 'taskId', { title: 'T' }],
  ['update_task', 'taskId', { assignee: 'me' }],
  ['update_task', 'taskId', { title: 'a\\u{200B}' }],
]

/** Eve, and the ids of an organization of Ada's and of a task in it. */
export async function addStrangers(target: Target) {
  const [ada, eve] = [await addPerson(target), await addPerson(target)]
  const organizations = [await addOrganization(target, [ada]), await addOrganization(target, [eve])]
  const world: World = { target, people: [ada, eve], organizations, cursors: [], calls: 0 }
  const { value } = await callAs(world, ada, 'create_task', { title: 'Hers' })
  return { world, ada, eve, organizationId: organizations[0]?.id as number, taskId: value.id as number }
}

const median = (times: number[]): number => times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

/** How long a foreign id and one that never was take to be refused: medians in milliseconds, asked in turn. */
export async function compareTimes(
  target: Target,
  { rounds }: { rounds: number },
): Promise<{ tool: string; field: string; foreign: number; never: number }[]> {
  const { eve, organizationId, taskId } = await addStrangers(target)
  const timed = async (tool: string, args: object) => {
    const start = performance.now()
    await target.call(eve.token, tool, args)
    return performance.now() - start
  }
  const figures: { tool: string; field: string; foreign: number; never: number }[] = []
  for (const [tool, field, rest] of ID_FIELDS) {
    const [foreign, never]: [number[], number[]] = [[], []]
    const id = field === 'organizationId' ? organizationId : taskId
    for (let round = 0; round < rounds; round++) {
      foreign.push(await timed(tool, { ...rest, [field]: id }))
      never.push(await timed(tool, { ...rest, [field]: NEVER }))
    }
    figures.push({ tool, field, foreign: median(foreign), never: median(never) })
  }
  return figures
}
