import { ZukoError } from '../errors.js'
import type { Account, Organization, Store } from '../store/types.js'
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

/** @throws ZukoError FAILED that names the nearest slug */
export async function organizationBySlug(store: Store, slug: string): Promise<Organization> {
  const organization = await store.organizations.findBySlug(slug)
  if (organization) return organization
  const known = (await store.organizations.list()).map((one) => one.slug)
  throw new ZukoError('FAILED', `No organization has the slug "${slug}".`, {
    fix: fixFor(slug, known, 'zuko-mcp admin organizations list'),
  })
}
