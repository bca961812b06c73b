import { ZukoError } from '../errors.js'
import type { Store } from '../store/types.js'

/** How many organizations an error names before it points to list_organizations. */
const NAMED = 20

/**
 * The organization of a task whose creator named none: the only one there is.
 * @throws ZukoError ORGANIZATION_REQUIRED that lists the person's organizations
 */
export async function onlyOrganization(store: Store, userId: number): Promise<number> {
  const own = await store.organizations.listFor(userId)
  const [only, ...others] = own
  if (!only) {
    throw new ZukoError('ORGANIZATION_REQUIRED', 'You belong to no organization that could hold a task.', {
      fix: 'ask an administrator to add you to one',
    })
  }
  if (others.length === 0) return only.id
  const organizations = own.slice(0, NAMED).map(({ id, name }) => ({ id, name }))
  const rest = own.length > NAMED ? ` and ${own.length - NAMED} more` : ''
  throw new ZukoError(
    'ORGANIZATION_REQUIRED',
    `You belong to several organizations: ${JSON.stringify(organizations)}${rest}.`,
    {
      fix: 'pass the organizationId of the one you mean; list_organizations shows them all',
      data: { organizations },
    },
  )
}
