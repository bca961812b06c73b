// The CRM that the bench of many nodes asks: the same on each database.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const ORGANIZATIONS = 16
export const PEOPLE = 8
const TASKS = 16_000
const STATUSES = ['TODO', 'IN_PROGRESS', 'DONE', 'CANCELLED']
const WORDS = 'The customer asked for a second offer with a shorter term and the same price as last year. '

const emailOf = (person) => `person${person}@example.com`
const slugOf = (organization) => `organization-${organization}`

/** Each person is in two organizations of 1000 tasks each. */
function records() {
  const people = Array.from({ length: PEOPLE }, (_, person) => ({ type: 'user', email: emailOf(person) }))
  const organizations = Array.from({ length: ORGANIZATIONS }, (_, at) => ({
    type: 'organization',
    slug: slugOf(at),
    name: `Organization ${at}`,
  }))
  const members = organizations.map(({ slug }, at) => ({
    type: 'member',
    email: emailOf(at >> 1),
    organization: slug,
  }))
  const tasks = Array.from({ length: TASKS }, (_, at) => ({
    type: 'task',
    organization: slugOf(at % ORGANIZATIONS),
    title: `Follow up on offer ${at}`,
    description: { text: WORDS.repeat(1 + (at % 5)), priority: at % 3 },
    status: STATUSES[at % 4],
    createdBy: emailOf((at % ORGANIZATIONS) >> 1),
    createdAt: new Date(Date.UTC(2026, 0, 1) + at * 60_000).toISOString(),
    updatedAt: new Date(Date.UTC(2026, 1, 1) + ((at * 7919) % TASKS) * 60_000).toISOString(),
  }))
  return [...people, ...organizations, ...members, ...tasks]
}

/** Fills an empty store through the program's own `admin seed FILE`. */
export async function fill(site, folder) {
  const file = join(folder, 'bench.ndjson')
  writeFileSync(
    file,
    records()
      .map((record) => JSON.stringify(record))
      .join('\n'),
  )
  await site.admin(['seed', file])
}

/** An access token of each person. */
export const tokens = (site) =>
  Promise.all(
    Array.from({ length: PEOPLE }, (_, person) =>
      site.admin(['token', '--as', emailOf(person), '--ttl', '15m']),
    ),
  )
