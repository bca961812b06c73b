import { Command, Option } from 'commander'
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
