import { z } from 'zod'
import { defineTool } from './define.js'
import { membership, note } from './fields.js'

export const listOrganizations = defineTool({
  name: 'list_organizations',
  title: 'List organizations',
  description: `Lists the organizations you belong to, with your role in each.
Use it first when you belong to several and need an organizationId for create_task or list_tasks. Not needed to read or change a task whose id you know.
Example: {}`,
  scope: 'organizations:read',
  input: z.strictObject({}),
  output: z.strictObject({ organizations: z.array(membership), note }),
  listKey: 'organizations',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(_input, { store, caller }) {
    return { organizations: await store.organizations.listFor(caller.userId) }
  },
})
