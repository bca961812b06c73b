import { z } from 'zod'
import { defineTool } from './define.js'
import { id, taskDetail } from './fields.js'
import { taskNotFound } from './refusals.js'
import { taskView } from './view.js'

export const getTask = defineTool({
  name: 'get_task',
  title: 'Get a task',
  description: `Shows everything about one task: description, owners, parent task, subtasks and times.
Use it when you know the id and need more than a list row, or before you change the task. To find an id use list_tasks.
Example: {"taskId":42}`,
  scope: 'tasks:read',
  input: z.strictObject({ taskId: id.describe('Id of the task') }),
  output: taskDetail,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run({ taskId }, { store, caller }) {
    const task = await store.tasks.get(caller.userId, taskId)
    if (!task) throw taskNotFound()
    return taskView(task)
  },
})
