import { z } from 'zod'
import { LIST_TOKENS, MORE, rowCost, within } from './budget.js'
import { decodeCursor, encodeCursor } from './cursor.js'
import { defineTool } from './define.js'
import { id, note, status, taskRow } from './fields.js'
import { organizationNotFound } from './refusals.js'
import { rowView } from './view.js'

const PAGE = 50

export const listTasks = defineTool({
  name: 'list_tasks',
  title: 'List tasks',
  description: `Lists up to ${PAGE} tasks, fewer where titles are long, most recently updated first, across all your organizations.
Use it to find tasks and their ids; for older ones pass nextCursor back as cursor. Rows have no description, owners or subtasks: use get_task for those.
Example: {"status":"IN_PROGRESS","organizationId":1}`,
  scope: 'tasks:read',
  input: z.strictObject({
    status: status.optional().describe('Only tasks with this status'),
    organizationId: id.optional().describe('Only tasks of this organization'),
    cursor: z
      .string({ error: 'must be the nextCursor of an earlier answer' })
      .optional()
      .describe('nextCursor of the previous page, with the same filters'),
  }),
  output: z.strictObject({
    tasks: z.array(taskRow),
    nextCursor: z.string().optional(),
    note,
  }),
  listKey: 'tasks',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run({ status, organizationId, cursor }, { store, caller: { userId } }) {
    const scope = [userId, status ?? null, organizationId ?? null]
    const after = cursor === undefined ? undefined : decodeCursor(cursor, scope)
    const { tasks, more } = await store.tasks.list({ userId, status, organizationId, after, limit: PAGE })
    if (tasks.length === 0 && organizationId !== undefined) {
      if (!(await store.organizations.find(userId, organizationId))) throw organizationNotFound()
    }
    const fitting = within(tasks, rowCost, LIST_TOKENS - MORE)
    const last = fitting.at(-1)
    const rows = fitting.map(rowView)
    if (!last || (!more && fitting.length === tasks.length)) return { tasks: rows }
    const nextCursor = encodeCursor(last, scope)
    const note = `These are ${rows.length} tasks; there are more. For the next ones call list_tasks with the same filters and cursor "${nextCursor}".`
    return { tasks: rows, nextCursor, note }
  },
})
