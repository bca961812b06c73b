import { Command } from 'commander'
import { ZukoError } from '../errors.js'
import { confirmed } from './confirm.js'
import type { Act, AdminDeps } from './deps.js'
import { organizationBySlug } from './find.js'
import { printRows } from './table.js'
import { counted } from './words.js'

/** `admin organizations`: who tasks belong to. */
export const organizationsCommand = (act: Act): Command =>
  new Command('organizations')
    .description('look after organizations')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin organizations list')
    .addCommand(list(act))
    .addCommand(add(act))
    .addCommand(rename(act))
    .addCommand(remove(act))

const list = (act: Act) =>
  new Command('list')
    .description('show every organization')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin organizations list')
    .action((flags: ListOrganizations) => act((deps) => listOrganizations(deps, flags)))

const add = (act: Act) =>
  new Command('add')
    .description('add an organization')
    .argument('<name>', 'name that people see')
    .option('--slug <slug>', 'short name for commands (default: made from the name)')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin organizations add "Acme Trading" --slug acme')
    .action((name: string, flags: { slug?: string }) =>
      act((deps) => addOrganization(deps, { name, ...flags })),
    )

const rename = (act: Act) =>
  new Command('rename')
    .description('give an organization another name; its slug stays')
    .argument('<slug>', 'slug of the organization')
    .argument('<name>', 'name that people see from now on')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin organizations rename acme "Acme Trading"')
    .action((slug: string, name: string) => act((deps) => renameOrganization(deps, { slug, name })))

const remove = (act: Act) =>
  new Command('remove')
    .description('remove an organization with all its tasks; accounts stay')
    .argument('<slug>', 'slug of the organization')
    .option('--yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin organizations remove acme --yes')
    .action((slug: string, flags: { yes?: boolean }) =>
      act((deps) => removeOrganization(deps, { slug, ...flags })),
    )

export interface ListOrganizations {
  json?: boolean
}

export async function listOrganizations(
  { io, store }: AdminDeps,
  { json }: ListOrganizations,
): Promise<void> {
  const { organizations } = await store()
  printRows(io, json, {
    rows: await organizations.list(),
    columns: {
      id: (row) => row.id,
      slug: (row) => row.slug,
      name: (row) => row.name,
      members: (row) => row.members,
      tasks: (row) => row.tasks,
    },
    empty: 'There is no organization yet. Add one with: zuko-mcp admin organizations add NAME',
  })
}

export interface AddOrganization {
  name: string
  slug?: string
}

/** @throws ZukoError USAGE for a name or slug that cannot be used, FAILED for a slug that is another's */
export async function addOrganization(deps: AdminDeps, given: AddOrganization): Promise<void> {
  const name = organizationName(given.name)
  const slug = organizationSlug(given.slug ?? slugOf(name), name)
  const { organizations } = await deps.store()
  const { added, ...organization } = await organizations.add({ name, slug, at: deps.now().getTime() })
  if (!added && organization.name !== name) {
    throw new ZukoError('FAILED', `The slug "${slug}" belongs to the organization "${organization.name}".`, {
      fix: 'choose another with --slug',
    })
  }
  const words = `"${name}" as ${slug} (id ${organization.id})`
  deps.io.out(added ? `Added ${words}.` : `Nothing changed: there is ${words} already.`)
}

/** @throws ZukoError FAILED for an unknown slug, USAGE for a name that cannot be used */
export async function renameOrganization(
  deps: AdminDeps,
  given: { slug: string; name: string },
): Promise<void> {
  const store = await deps.store()
  const name = organizationName(given.name)
  const { id, slug } = await organizationBySlug(store, given.slug)
  const changed = await store.organizations.rename(id, name)
  const words = `${slug} is called "${name}"`
  deps.io.out(changed ? `${words} now.` : `Nothing changed: ${words} already.`)
}

/** @throws ZukoError FAILED for an unknown slug, or when nobody confirms it */
export async function removeOrganization(
  deps: AdminDeps,
  given: { slug: string; yes?: boolean },
): Promise<void> {
  const store = await deps.store()
  const { id, slug, name } = await organizationBySlug(store, given.slug)
  const there = (await store.organizations.list()).find((one) => one.id === id)
  await confirmed(
    deps.io,
    given.yes,
    `Remove "${name}" (${slug}) with its ${counted(there?.tasks ?? 0, 'task')} for good?`,
  )
  const { members, tasks } = await store.organizations.remove(id)
  deps.io.out(`Removed "${name}" (${slug}): ${counted(tasks, 'task')}, ${counted(members, 'membership')}.`)
}

function organizationName(given: string): string {
  const name = given.trim()
  if (name.length >= 1 && name.length <= 100) return name
  throw new ZukoError('USAGE', `An organization's name has 1 to 100 characters; this one has ${name.length}.`)
}

/** "Café Zuko & Co." → "cafe-zuko-co"; empty where a name has no Latin letter or digit. */
const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replace(/^-|-$/g, '')

function organizationSlug(slug: string, name: string): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(slug) && slug.length <= 50) return slug
  if (slug === '') {
    throw new ZukoError('USAGE', `No slug can be made from the name "${name}".`, {
      fix: 'give one with --slug',
    })
  }
  throw new ZukoError('USAGE', `"${slug}" is not a slug.`, {
    fix: 'use at most 50 lower-case letters, digits and single hyphens between them',
  })
}
