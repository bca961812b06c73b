import { z } from 'zod'
import { ZukoError } from '../errors.js'
import type { TaskDetail, TaskPatch } from '../store/types.js'
import { asStored } from './as-stored.js'
import { type Assignee, resolveAssignee } from './assignee.js'
import { changedWithin } from './budget.js'
import { defineTool, type ToolContext } from './define.js'
import { assignee, changedFields, id, instant, status, title } from './fields.js'
import { jsonInput } from './json.js'
import { noted } from './notes.js'
import { taskNotFound } from './refusals.js'
import { pageOf, taskPage } from './task-page.js'
import { changedView } from './view.js'

const FIELDS = ['title', 'description', 'status', 'assignee', 'completedAt'] as const

function conflict(current: TaskDetail, userId: number): ZukoError {
  const task = pageOf(current, userId)
  return new ZukoError(
    'CONFLICT',
    `The task changed after expectedUpdatedAt; nothing was written. It is now ${JSON.stringify(task)}.`,
    {
      fix: `decide from the current task, then call again with expectedUpdatedAt "${task.updatedAt}"`,
      data: { task },
    },
  )
}

async function assigneeOf(taskId: number, text: string, { store, caller }: ToolContext): Promise<Assignee> {
  const task = await store.tasks.get(caller.userId, taskId)
  if (!task) throw taskNotFound()
  return resolveAssignee(store, caller, task.organization.id, text)
}

export const updateTask = defineTool({
  name: 'update_task',
  title: 'Update a task',
  description: `Changes one task: only the fields you pass. null clears description, assignee or completedAt.
Use it for existing tasks; for new ones use create_task. Nothing is inferred: DONE does not set completedAt. Text passed back exactly as shown, \\u{…} included, stays as it is stored. Pass expectedUpdatedAt to be refused rather than overwrite a change you have not seen.
Example: {"taskId":42,"status":"DONE","completedAt":"2026-01-31T17:00:00Z"}`,
  scope: 'tasks:write',
  input: z
    .strictObject({
      taskId: id.describe('Id of the task'),
      title: title.optional().describe('New title'),
      description: jsonInput
        .optional()
        .describe(
          'New text or JSON value; replaces the whole description. Text that spells a JSON object or array is stored as that. Write real line breaks, not \\n',
        ),
      status: status.optional().describe('New status'),
      assignee: assignee
        .nullable()
        .optional()
        .describe('A member\'s email, user id or name, "me", or null for nobody'),
      completedAt: instant.nullable().optional().describe('ISO 8601 time with Z or an offset, or null'),
      expectedUpdatedAt: instant.optional().describe('updatedAt as you last read it'),
    })
    .refine((input) => FIELDS.some((field) => input[field] !== undefined), {
      error: `must have at least one of ${FIELDS.join(', ')}`,
      params: { wrong: 'no field to change is given' },
    }),
  output: taskPage.extend({
    changed: changedFields,
    changedUnshown: z.array(z.enum(FIELDS)).optional(),
    noop: z.boolean(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async run({ taskId, expectedUpdatedAt, ...given }, context) {
    const { patch: supplied, note } = await asStored(taskId, given, context)
    const resolved =
      typeof supplied.assignee === 'string' ? await assigneeOf(taskId, supplied.assignee, context) : undefined
    const patch = { ...supplied, ...(resolved && { assignee: resolved.assignee }) } as TaskPatch
    const actor = { ...context.caller, at: context.now().getTime() }
    const outcome = await context.store.tasks.update(actor, taskId, patch, expectedUpdatedAt)
    if (outcome.kind === 'not_found') throw taskNotFound()
    if (outcome.kind === 'conflict') throw conflict(outcome.task, actor.userId)
    const { shown: changed, unshown, taken } = changedWithin(changedView(outcome.changed))
    const noop = Object.keys(outcome.changed).length === 0
    const page = pageOf(outcome.task, actor.userId, { taken })
    const hidden = unshown.length === 0 ? undefined : { changedUnshown: unshown }
    const told = hidden && `Changed too, but too long to show here from what to what: ${unshown.join(', ')}.`
    return { ...page, changed, ...hidden, noop, ...noted(resolved?.note, note, told, page.note) }
  },
})
