import type { z } from 'zod'
import type { ImportStore, SeedRecords, SeedTask } from '../../store/types.js'
import { nearest } from '../../tools/nearest.js'
import { RECORDS, TYPES } from './format.js'
import type { Problem, RawRecord } from './records.js'

const ECHOED = 40

/** A value of a file in a few characters. */
function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > ECHOED ? `a text of ${value.length} characters` : JSON.stringify(value)
  }
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

function issueProblems(issue: z.core.$ZodIssue, { kind, value, line, lineOf }: RawRecord): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(RECORDS[kind].shape)
    return issue.keys.map((key) => {
      const meant = nearest(key, known)
      const right = meant ? `use "${meant}"` : `known are ${known.join(', ')}`
      return {
        line: lineOf(key),
        what: `there is no field ${JSON.stringify(key)} in a record of ${kind}; ${right}`,
      }
    })
  }
  const [field] = issue.path.map(String)
  if (field === undefined)
    return [{ line, what: `the ${TYPES[kind]} is ${shown(value)}; it ${issue.message}` }]
  const given = (value as Record<string, unknown>)[field]
  const is = given === undefined ? 'is missing' : `is ${shown(given)}`
  return [{ line: lineOf(field), what: `${field} of the ${TYPES[kind]} ${is}; it ${issue.message}` }]
}

type Checked = { [Kind in keyof SeedRecords]: { record: SeedRecords[Kind][number]; raw: RawRecord }[] }

/** Each record by its own schema. */
function checkFields(raws: readonly RawRecord[]): { checked: Checked; problems: Problem[] } {
  const checked: Checked = { users: [], organizations: [], members: [], tasks: [] }
  const problems: Problem[] = []
  for (const raw of raws) {
    const parsed = RECORDS[raw.kind].safeParse(raw.value)
    if (parsed.success) {
      const list: { record: object; raw: RawRecord }[] = checked[raw.kind]
      list.push({ record: parsed.data, raw })
    } else problems.push(...parsed.error.issues.flatMap((issue) => issueProblems(issue, raw)))
  }
  return { checked, problems }
}

/** What stands twice: people, organizations, memberships, ids. */
function checkOnce({ users, organizations, members, tasks }: Checked): Problem[] {
  const named: [string, RawRecord][] = [
    ...users.map(({ record, raw }) => [`the user ${record.email}`, raw] as [string, RawRecord]),
    ...organizations.map(
      ({ record, raw }) => [`the organization ${record.slug}`, raw] as [string, RawRecord],
    ),
    ...members.map(
      ({ record, raw }) =>
        [`the membership of ${record.email} in ${record.organization}`, raw] as [string, RawRecord],
    ),
    ...tasks.flatMap(({ record, raw }) =>
      record.id === undefined ? [] : [[`the task with the id ${record.id}`, raw] as [string, RawRecord]],
    ),
  ]
  const first = new Map<string, number>()
  return named.flatMap(([what, { line }]) => {
    const before = first.get(what)
    if (before === undefined) first.set(what, line)
    return before === undefined ? [] : [{ line, what: `${what} stands in line ${before} already` }]
  })
}

interface Names {
  emails: Set<string>
  slugs: Set<string>
}

/** Names that are neither in the file nor in the store. */
function checkNames({ members, tasks }: Checked, { emails, slugs }: Names): Problem[] {
  const people = [...emails]
  const lost = (known: Set<string>, raw: RawRecord, field: string, name: string | undefined): Problem[] => {
    if (name === undefined || known.has(name)) return []
    const meant = nearest(name, known === emails ? people : [...slugs])
    const what = `${field} of the ${TYPES[raw.kind]} is ${JSON.stringify(name)}, which is neither in the file nor in the store`
    return [{ line: raw.lineOf(field), what: meant ? `${what}; is "${meant}" meant?` : what }]
  }
  return [
    ...members.flatMap(({ record, raw }) => [
      ...lost(emails, raw, 'email', record.email),
      ...lost(slugs, raw, 'organization', record.organization),
    ]),
    ...tasks.flatMap(({ record, raw }) => [
      ...lost(slugs, raw, 'organization', record.organization),
      ...lost(emails, raw, 'createdBy', record.createdBy),
      ...record.owners.flatMap((email) => lost(emails, raw, 'owners', email)),
    ]),
  ]
}

/** Parents that do not stand before their subtask or belong to another organization, and times that run backwards. */
function checkTasks({ tasks }: Checked): Problem[] {
  const before = new Map<number, SeedTask>()
  return tasks.flatMap(({ record, raw }) => {
    const problems: Problem[] = []
    const { parent, createdAt, updatedAt } = record
    const found = parent === undefined ? undefined : before.get(parent)
    if (parent !== undefined && found?.organization !== record.organization) {
      const what = found ? 'belongs to another organization' : 'is not the id of a task that stands before it'
      problems.push({ line: raw.lineOf('parent'), what: `parent of the task is ${parent}, which ${what}` })
    }
    if (updatedAt !== undefined && updatedAt < (createdAt ?? updatedAt)) {
      problems.push({ line: raw.lineOf('updatedAt'), what: 'updatedAt of the task is before its createdAt' })
    }
    if (record.id !== undefined) before.set(record.id, record)
    return problems
  })
}

/** What schemas leave out and a store wants. */
function complete({ users, organizations, members, tasks }: Checked): SeedRecords {
  return {
    users: users.map(({ record }) => ({
      ...record,
      name: record.name ?? record.email.split('@', 1)[0] ?? '',
    })),
    organizations: organizations.map(({ record }) => record),
    members: members.map(({ record }) => record),
    tasks: tasks.map(({ record }) => record),
  }
}

/** Owners are who made a task, where a file names none. */
function withOwners(checked: Checked): Checked {
  const tasks = checked.tasks.map(({ record, raw }) => {
    const { createdBy, owners = createdBy === undefined ? [] : [createdBy] } = record as Partial<SeedTask>
    return { record: { ...record, owners }, raw }
  })
  return { ...checked, tasks }
}

async function namesOf(
  { users, organizations, members, tasks }: Checked,
  store: ImportStore,
): Promise<Names> {
  const own = {
    emails: new Set(users.map(({ record }) => record.email)),
    slugs: new Set(organizations.map(({ record }) => record.slug)),
  }
  const asked = {
    emails: [
      ...members.map(({ record }) => record.email),
      ...tasks.flatMap(({ record: { createdBy, owners } }) => [...owners, ...(createdBy ? [createdBy] : [])]),
    ],
    slugs: [...members, ...tasks].map(({ record }) => record.organization),
  }
  const known = await store.known({
    emails: [...new Set(asked.emails)].filter((email) => !own.emails.has(email)),
    slugs: [...new Set(asked.slugs)].filter((slug) => !own.slugs.has(slug)),
  })
  return {
    emails: new Set([...own.emails, ...known.emails]),
    slugs: new Set([...own.slugs, ...known.slugs]),
  }
}

/** The records of a file as the store takes them, and every problem with its line. */
export async function checkRecords(
  raws: readonly RawRecord[],
  store: ImportStore,
): Promise<{ records: SeedRecords; problems: Problem[] }> {
  const fields = checkFields(raws)
  const checked = withOwners(fields.checked)
  const problems = [
    ...fields.problems,
    ...checkOnce(checked),
    ...checkNames(checked, await namesOf(checked, store)),
    ...checkTasks(checked),
  ]
  return { records: complete(checked), problems: problems.sort((a, b) => a.line - b.line) }
}
