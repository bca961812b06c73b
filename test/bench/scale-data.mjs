// Stores of any size with organizations and people of every size, made through the program's own store.
import { existsSync, renameSync, rmSync } from 'node:fs'
import SQLite from 'better-sqlite3'
import { FAMILY, taskMaker } from '../../dist/admin/seed/made-up-data.js'
import { openStore } from '../../dist/store/open.js'

const AT = Date.UTC(2024, 0)
const RUN = 200
/** How much of all tasks the organizations of each size have together, the largest first; each has a tenth of one before. */
const SHARES = [0.4, 0.3, 0.2, 0.07, 0.025]
const SMALLEST = 10

/** The kinds of people who call, and in how many organizations each is. */
export const PEOPLE = {
  'one organization, the smallest': 1,
  'one organization, the largest': 1,
  '10 organizations': 10,
  '100 organizations': 100,
}
const OF_EACH = 6
const CALL = 2

export const emailOf = (kind, number) => `${kind.replaceAll(/\W+/g, '-')}-${number}@scale.example`

/** The sizes of all organizations, the largest first: a tenth of all tasks, a hundredth, … and 10. */
export function sizesOf(tasks) {
  const sizes = []
  let left = tasks
  for (let size = tasks / 10, at = 0; size > SMALLEST && at < SHARES.length; size /= 10, at += 1) {
    const count = Math.floor((tasks * SHARES[at]) / size)
    sizes.push(...Array(count).fill(size))
    left -= count * size
  }
  return [...sizes, ...Array(Math.floor(left / SMALLEST)).fill(SMALLEST)]
}

/** Deterministic numbers from 0 up to 1 (mulberry32). */
function randomFrom(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Which organization each run of tasks belongs to, shuffled: all organizations grow at the same time. */
function runsOf(sizes) {
  const runs = sizes.flatMap((size, organization) =>
    Array.from({ length: Math.ceil(size / RUN) }, (_, at) => ({
      organization,
      tasks: Math.min(RUN, size - at * RUN),
    })),
  )
  const random = randomFrom(1)
  for (let at = runs.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1))
    ;[runs[at], runs[other]] = [runs[other], runs[at]]
  }
  return runs
}

/** The places of `count` organizations, from the largest to the smallest: close at the top, far apart below. */
function spread(count, of, shift) {
  const places = new Set()
  for (let at = 0; at < count; at += 1) {
    let place = Math.min(of - 1, Math.floor(of ** (at / (count - 1))) - 1 + shift)
    while (places.has(place)) place = (place + 1) % of
    places.add(place)
  }
  return [...places]
}

function placesOf(kind, number, sizes) {
  if (kind.endsWith('smallest')) return [sizes.length - 1 - number]
  if (kind.endsWith('largest')) return [number % sizes.filter((size) => size === sizes[0]).length]
  return spread(PEOPLE[kind], sizes.length, number)
}

/** Who is where: callers by their kind, and colleagues, more of them in a larger organization. */
function membersOf(sizes, users) {
  const pairs = new Set()
  const members = []
  const add = (user, organization) => {
    const pair = user * sizes.length + organization
    if (!pairs.has(pair)) members.push({ user, organization })
    pairs.add(pair)
  }
  Object.keys(PEOPLE).forEach((kind, of) => {
    for (let n = 0; n < OF_EACH; n += 1)
      for (const place of placesOf(kind, n, sizes)) add(of * OF_EACH + n, place)
  })
  const first = Object.keys(PEOPLE).length * OF_EACH
  sizes.forEach((size, organization) => {
    const colleagues = Math.min(2000, Math.max(2, Math.floor(size / 200)))
    for (let at = 0; at < colleagues; at += 1) {
      add(first + ((organization * 31 + at) % (users - first)), organization)
    }
  })
  return members
}

export const callers = (kind) => Array.from({ length: CALL }, (_, number) => emailOf(kind, number))

function userAt(number) {
  const kind = Object.keys(PEOPLE)[Math.floor(number / OF_EACH)]
  const email = kind ? emailOf(kind, number % OF_EACH) : `colleague-${number}@scale.example`
  return { email, name: `Person ${number}`, createdAt: AT }
}

const INSERT = `
  INSERT INTO task (id, organization_id, parent_task_id, title, description, status, assignee, created_by,
                    created_at, updated_at, completed_at)
  VALUES (@id, @organizationId, @parentTaskId, @title, @description, @status, @assignee, @owner,
          @createdAt, @updatedAt, @completedAt)`
const OWN =
  'INSERT INTO task_owner (organization_id, task_id, user_id, position) VALUES (@organizationId, @id, @owner, 0)'
const BATCH = 50_000

/** Adds tasks past the program, which would leave others room to write in between; nobody else is here. */
function addTasks(file, tasks, make, seen) {
  const sqlite = new SQLite(file)
  for (const setting of [
    'journal_mode = DELETE',
    'synchronous = OFF',
    'cache_size = -2000000',
    'foreign_keys = OFF',
  ])
    sqlite.pragma(setting)
  const [insert, own] = [sqlite.prepare(INSERT), sqlite.prepare(OWN)]
  const addBatch = sqlite.transaction((from) => {
    for (const [at, { parent, ownerIds, ...task }] of make(from, Math.min(tasks, from + BATCH)).entries()) {
      const placed = { ...task, id: 1 + from + at, owner: ownerIds[0] }
      insert.run({ ...placed, parentTaskId: parent === null ? null : 1 + from + parent })
      own.run(placed)
    }
  })
  for (let from = 0; from < tasks; from += BATCH) {
    addBatch(from)
    seen(Math.min(tasks, from + BATCH))
  }
  sqlite.close()
}

/** Makes a store of so many tasks in `file`, unless it is there; `seen` is told how many there are. */
export async function makeStore(file, tasks, seen = () => {}) {
  if (existsSync(file)) return
  const part = `${file}.part`
  for (const left of [part, `${part}-wal`, `${part}-shm`, `${part}-journal`]) rmSync(left, { force: true })
  const sizes = sizesOf(tasks)
  const count = Math.max(1000, tasks / 1000)
  const members = membersOf(sizes, count)
  const store = await openStore(part)
  const ids = await addPeople(store, sizes, count, members)
  await store.close()
  addTasks(part, tasks, placedTasks(tasks, sizes, members, ids), seen)
  renameSync(part, file)
}

async function addPeople(store, sizes, count, members) {
  const rows = (length, make) => Array.from({ length }, (_, number) => make(number))
  const organizations = await store.madeUp.addOrganizations(
    rows(sizes.length, (n) => ({ slug: `scale-${n}`, name: `Organization ${n}`, createdAt: AT })),
  )
  const users = await store.madeUp.addUsers(rows(count, userAt))
  await store.madeUp.addMembers(
    members.map(({ user, organization }) => ({
      userId: users[user],
      organizationId: organizations[organization],
      role: 'member',
      createdAt: AT,
    })),
  )
  return { organizations, users }
}

/** The program's made-up tasks, in whole families, put into organizations of these sizes and among their people. */
function placedTasks(tasks, sizes, members, ids) {
  const plan = { seed: '1', tasks, organizations: ids.organizations.length, users: ids.users.length }
  const make = taskMaker(plan, ids)
  const of = sizes.map(() => [])
  for (const { user, organization } of members) of[organization].push(user)
  const runs = runsOf(sizes)
  const ends = []
  for (const run of runs) ends.push((ends.at(-1) ?? 0) + run.tasks)
  let at = 0
  return (from, to) => {
    const until = Math.min(tasks, from + Math.ceil((to - from) / FAMILY) * FAMILY)
    return make(from, until).map((task, index) => {
      while (ends[at] <= from + index) at += 1
      const { organization } = runs[at]
      const people = of[organization]
      const owner = people[(from + index) % people.length]
      return {
        ...task,
        organizationId: ids.organizations[organization],
        assignee: task.assignee && userAt(owner).email,
        ownerIds: [ids.users[owner]],
      }
    })
  }
}
