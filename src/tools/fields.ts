/** The fields that the tools share. Every `error` says what would be right: it becomes the `Fix:` of the answer. */
import { z } from 'zod'
import { isInstant } from './instant.js'
import { jsonOutput, UNKEEPABLE } from './json.js'
import { ROLES, STATUSES } from './words.js'

const MAX_ID = 2_147_483_647
const ID = `must be an integer from 1 to ${MAX_ID}`
const INSTANT = 'must be an ISO 8601 time with Z or an offset, such as "2026-01-31T17:00:00Z"'

export const id = z.int({ error: ID }).min(1, ID).max(MAX_ID, ID)

export const status = z.enum(STATUSES, { error: `must be one of ${STATUSES.join(', ')}` })

/** Text of 1 to `max` code points. `trimmed` takes the space around it away first. */
const text = (max: number, string: z.ZodString) => {
  const right = `must be text of 1 to ${max} characters`
  return string
    .refine((value) => value.length > 0 && [...value].length <= max, right)
    .refine((value) => !UNKEEPABLE.test(value), 'must not contain NUL or lone surrogates')
    .meta({ minLength: 1, maxLength: max })
}
const string = (max: number) => z.string({ error: `must be text of 1 to ${max} characters` })

export const title = text(500, string(500).trim())
/** What a person or an organization is called. */
export const name = text(200, string(200).trim())
export const assignee = text(320, string(320).trim())
export const idempotencyKey = text(200, string(200))

/** An ISO 8601 time in; milliseconds inside. */
export const instant = z
  .string({ error: INSTANT })
  .refine(isInstant, INSTANT)
  .meta({ format: 'date-time' })
  .transform((value) => Date.parse(value))

/** An ISO 8601 UTC time out. */
const time = z.string().meta({ format: 'date-time' })
const person = z.strictObject({ id, name: z.string(), email: z.string() })
/** What the caller should know besides the answer itself. */
export const note = z.string().optional()
const summary = z.strictObject({ id, title: z.string(), status })

export const membership = z.strictObject({
  id,
  name: z.string(),
  slug: z.string(),
  role: z.enum(ROLES),
})

export const taskRow = z.strictObject({
  id,
  title: z.string(),
  status,
  organizationId: id,
  organizationName: z.string(),
  assignee: z.string().optional(),
  parentTaskId: id.optional(),
  completedAt: time.optional(),
  updatedAt: time,
})

export const taskDetail = z.strictObject({
  id,
  title: z.string(),
  status,
  organization: z.strictObject({ id, name: z.string(), slug: z.string() }),
  description: jsonOutput,
  assignee: z.string().nullable(),
  owners: z.array(person),
  parentTask: summary.nullable(),
  subtasks: z.array(summary),
  createdBy: person.nullable(),
  createdAt: time,
  updatedAt: time,
  completedAt: time.nullable(),
  note,
})

const change = <T extends z.ZodType>(value: T) => z.strictObject({ from: value, to: value }).optional()

/** The fields that an update really changed. */
export const changedFields = z.strictObject({
  title: change(z.string()),
  description: change(jsonOutput),
  status: change(status),
  assignee: change(z.string().nullable()),
  completedAt: change(time.nullable()),
})
