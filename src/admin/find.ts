import { ZukoError } from '../errors.js'
import type { Account, ListedClient, Organization, Store } from '../store/types.js'
import { nearest } from '../tools/nearest.js'

const fixFor = (word: string, known: readonly string[], list: string): string => {
  const guess = nearest(word, known)
  return guess === undefined ? `see "${list}"` : `use "${guess}", or see "${list}"`
}

/** @throws ZukoError FAILED that names the nearest e-mail address */
export async function personByEmail(store: Store, email: string): Promise<Account> {
  const person = await store.people.findByEmail(email.trim().toLowerCase())
  if (person) return person
  const known = (await store.people.list()).map((account) => account.email)
  throw new ZukoError('FAILED', `No person has the e-mail address "${email}".`, {
    fix: fixFor(email.toLowerCase(), known, 'zuko-mcp admin users list'),
  })
}

/** @throws ZukoError FAILED for an unknown or disabled account */
export async function activePerson(store: Store, given: string): Promise<Account> {
  const person = await personByEmail(store, given)
  if (person.disabledAt === null) return person
  throw new ZukoError('FAILED', `The account ${person.email} is disabled.`, {
    fix: `enable it with "zuko-mcp admin users enable ${person.email}"`,
  })
}

/** @throws ZukoError FAILED that names the nearest slug */
export async function organizationBySlug(store: Store, slug: string): Promise<Organization> {
  const organization = await store.organizations.findBySlug(slug)
  if (organization) return organization
  const known = (await store.organizations.list()).map((one) => one.slug)
  throw new ZukoError('FAILED', `No organization has the slug "${slug}".`, {
    fix: fixFor(slug, known, 'zuko-mcp admin organizations list'),
  })
}

/** @throws ZukoError FAILED that names the nearest client */
export async function clientById(store: Store, clientId: string): Promise<ListedClient> {
  const clients = await store.clients.list()
  const client = clients.find((one) => one.clientId === clientId)
  if (client) return client
  const known = clients.map((one) => one.clientId)
  throw new ZukoError('FAILED', `No client has the id "${clientId}".`, {
    fix: fixFor(clientId, known, 'zuko-mcp admin clients list'),
  })
}
