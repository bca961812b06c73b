import { Argument, Command, Option } from 'commander'
import { ZukoError } from '../errors.js'
import { ROLES, type Role } from '../tools/words.js'
import type { Act, AdminDeps } from './deps.js'
import { organizationBySlug, personByEmail } from './find.js'
import { printRows } from './table.js'

/** `admin members`: who belongs where. */
export const membersCommand = (act: Act): Command =>
  new Command('members')
    .description('look after who belongs to which organization')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin members list acme')
    .addCommand(list(act))
    .addCommand(add(act))
    .addCommand(setRole(act))
    .addCommand(remove(act))

const list = (act: Act) =>
  new Command('list')
    .description('show the members of every organization, or of one')
    .argument('[slug]', 'slug of one organization')
    .option('--json', 'print a JSON array')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin members list acme')
    .action((slug: string | undefined, { json }: { json?: boolean }) =>
      act((deps) => listMembers(deps, { ...(slug && { slug }), ...(json && { json }) })),
    )

const add = (act: Act) =>
  new Command('add')
    .description('add an account to an organization')
    .argument('<email>', 'e-mail address of the account')
    .argument('<slug>', 'slug of the organization')
    .addOption(new Option('--role <role>', 'what the member may do').choices(ROLES).default('member'))
    .addHelpText('after', '\nExample:\n  zuko-mcp admin members add ada@example.com acme --role owner')
    .action((email: string, slug: string, flags: { role: Role }) =>
      act((deps) => addMember(deps, { email, slug, ...flags })),
    )

const setRole = (act: Act) =>
  new Command('set-role')
    .description('change what a member may do')
    .argument('<email>', 'e-mail address of the account')
    .argument('<slug>', 'slug of the organization')
    .addArgument(new Argument('<role>', 'what the member may do').choices(ROLES))
    .addHelpText('after', '\nExample:\n  zuko-mcp admin members set-role ada@example.com acme admin')
    .action((email: string, slug: string, role: Role) =>
      act((deps) => setMemberRole(deps, { email, slug, role })),
    )

const remove = (act: Act) =>
  new Command('remove')
    .description('take an account out of an organization; its tasks stay as they are')
    .argument('<email>', 'e-mail address of the account')
    .argument('<slug>', 'slug of the organization')
    .addHelpText('after', '\nExample:\n  zuko-mcp admin members remove ada@example.com acme')
    .action((email: string, slug: string) => act((deps) => removeMember(deps, { email, slug })))

export interface ListMembers {
  slug?: string
  json?: boolean
}

/** @throws ZukoError FAILED for an unknown slug */
export async function listMembers(deps: AdminDeps, { slug, json }: ListMembers): Promise<void> {
  const store = await deps.store()
  if (slug !== undefined) await organizationBySlug(store, slug)
  printRows(deps.io, json, {
    rows: await store.members.list(slug),
    columns: {
      organization: (row) => row.organizationSlug,
      email: (row) => row.email,
      name: (row) => row.name,
      role: (row) => row.role,
    },
    empty: 'There is no member yet. Add one with: zuko-mcp admin members add EMAIL SLUG',
  })
}

export interface AddMember {
  email: string
  slug: string
  role: Role
}

/** @throws ZukoError FAILED for an unknown account or slug */
export async function addMember(deps: AdminDeps, { email, slug, role }: AddMember): Promise<void> {
  const store = await deps.store()
  const [person, organization] = [await personByEmail(store, email), await organizationBySlug(store, slug)]
  const membership = { userId: person.id, organizationId: organization.id, role, at: deps.now().getTime() }
  const outcome = await store.members.add(membership)
  const words = `${person.email} is ${outcome.role} of ${organization.slug}`
  deps.io.out(outcome.added ? `${words} now.` : `Nothing changed: ${words} already.`)
}

/** @throws ZukoError FAILED for an unknown account or slug, or for somebody who is no member there */
export async function setMemberRole(deps: AdminDeps, { email, slug, role }: AddMember): Promise<void> {
  const store = await deps.store()
  const [person, organization] = [await personByEmail(store, email), await organizationBySlug(store, slug)]
  const before = await store.members.setRole(person.id, organization.id, role)
  if (before === undefined) {
    throw new ZukoError('FAILED', `${person.email} is no member of ${organization.slug}.`, {
      fix: `use "zuko-mcp admin members add ${person.email} ${organization.slug} --role ${role}"`,
    })
  }
  const words = `${person.email} is ${role} of ${organization.slug}`
  deps.io.out(before === role ? `Nothing changed: ${words} already.` : `${words} now; it was ${before}.`)
}

/** @throws ZukoError FAILED for an unknown account or slug */
export async function removeMember(
  deps: AdminDeps,
  { email, slug }: { email: string; slug: string },
): Promise<void> {
  const store = await deps.store()
  const [person, organization] = [await personByEmail(store, email), await organizationBySlug(store, slug)]
  const removed = await store.members.remove(person.id, organization.id)
  const words = `${person.email} is no member of ${organization.slug}`
  deps.io.out(removed ? `${words} any more.` : `Nothing changed: ${words}.`)
}
