import { z } from 'zod'
import { ZukoError } from '../errors.js'
import type { CreateOutcome, JsonValue } from '../store/types.js'
import { resolveAssignee } from './assignee.js'
import { defineTool, type ToolContext } from './define.js'
import { digest } from './digest.js'
import { assignee, id, idempotencyKey, status, title } from './fields.js'
import { jsonInput } from './json.js'
import { noted } from './notes.js'
import { onlyOrganization } from './organization.js'
import { organizationNotFound, parentNotFound } from './refusals.js'
import { pageOf, taskPage } from './task-page.js'

const DAY_MS = 86_400_000

const mismatch = () =>
  new ZukoError(
    'IDEMPOTENCY_MISMATCH',
    'This idempotencyKey was used with other arguments within 24 hours.',
    {
      fix: 'use a new key for another task, or repeat the first call with exactly its arguments',
    },
  )

/** Tells a parent in another of the caller's own organizations from one that the caller cannot see. */
async function wrongParent(parentTaskId: number, { store, caller }: ToolContext): Promise<ZukoError> {
  const parent = await store.tasks.get(caller.userId, parentTaskId)
  if (!parent) return parentNotFound()
  const { id } = parent.organization
  return new ZukoError(
    'INVALID_ARGUMENT',
    'The parent task belongs to another organization than the new task.',
    {
      fix: `pass organizationId ${id}, the parent's, or leave parentTaskId out`,
    },
  )
}

async function answer(outcome: CreateOutcome, parentTaskId: number | undefined, context: ToolContext) {
  switch (outcome.kind) {
    case 'created':
      return pageOf(outcome.task, context.caller.userId)
    case 'replayed':
      return { ...pageOf(outcome.task, context.caller.userId), replayed: true as const }
    case 'idempotency_mismatch':
      throw mismatch()
    case 'organization_not_found':
      throw organizationNotFound()
    case 'parent_not_found':
      throw await wrongParent(parentTaskId ?? 0, context)
  }
}

export const createTask = defineTool({
  name: 'create_task',
  title: 'Create a task',
  description: `Creates a task; you become its first owner.
Use it for new work, with parentTaskId for a subtask; to change an existing task use update_task. Leave organizationId out only if you belong to exactly one organization.
Example: {"organizationId":1,"title":"Call Acme","assignee":"me","idempotencyKey":"call-acme-1"}`,
  scope: 'tasks:write',
  input: z.strictObject({
    title: title.describe('Title'),
    organizationId: id.optional().describe('Organization of the task'),
    description: jsonInput
      .optional()
      .describe(
        'Text or any JSON value, kept unchanged; text that spells a JSON object or array is stored as that. Write real line breaks, not \\n',
      ),
    status: status.default('TODO').describe('First status'),
    assignee: assignee.optional().describe('A member\'s email, user id or name, or "me"'),
    parentTaskId: id.optional().describe('Makes it a subtask of this task of the same organization'),
    idempotencyKey: idempotencyKey
      .optional()
      .describe('Use one key per task you mean to create; reuse it when you retry'),
  }),
  output: taskPage.extend({ replayed: z.literal(true).optional() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  async run({ idempotencyKey: key, ...wanted }, context) {
    const { store, caller } = context
    const at = context.now().getTime()
    const fingerprint = key === undefined ? '' : await digest(wanted as JsonValue)
    const idempotency = key === undefined ? undefined : { key, fingerprint, expiresAt: at + DAY_MS }
    const known = idempotency && (await store.tasks.replay(caller.userId, idempotency, at))
    if (known) return answer(known, wanted.parentTaskId, context)

    const organizationId = wanted.organizationId ?? (await onlyOrganization(store, caller.userId))
    const resolved =
      wanted.assignee === undefined
        ? undefined
        : await resolveAssignee(store, caller, organizationId, wanted.assignee)
    const task = {
      organizationId,
      title: wanted.title,
      description: wanted.description ?? null,
      status: wanted.status,
      assignee: resolved?.assignee ?? null,
      parentTaskId: wanted.parentTaskId ?? null,
    }
    const outcome = await store.tasks.create({ ...caller, at }, task, idempotency)
    const shown = await answer(outcome, wanted.parentTaskId, context)
    return { ...shown, ...noted(resolved?.note, shown.note) }
  },
})
