import { z } from 'zod'
import { defineTool } from './define.js'
import { id } from './fields.js'
import { taskNotFound } from './refusals.js'
import { pageOf, placeAt, taskPage } from './task-page.js'

export const getTask = defineTool({
  name: 'get_task',
  title: 'Get a task',
  description: `Shows everything about one task: description, owners, parent task, subtasks and times.
Use it when you know the id and need more than a list row, or before you change the task. To find an id use list_tasks. A very long task comes in parts: while truncated is true, pass nextCursor back as cursor.
Example: {"taskId":42}`,
  scope: 'tasks:read',
  input: z.strictObject({
    taskId: id.describe('Id of the task'),
    cursor: z
      .string({ error: 'must be the nextCursor of an earlier answer' })
      .optional()
      .describe('nextCursor of the previous part'),
  }),
  output: taskPage,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run({ taskId, cursor }, { store, caller: { userId } }) {
    const from = cursor === undefined ? undefined : placeAt(cursor, userId, taskId)
    const task = await store.tasks.get(userId, taskId, from)
    if (!task) throw taskNotFound()
    return pageOf(task, userId, { from })
  },
})
