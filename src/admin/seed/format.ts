/** The format of what is seeded and exported, in the tools' own fields. */
import { z } from 'zod'
import type { SeedKind } from '../../store/types.js'
import { assignee, id, instant, name, status, title } from '../../tools/fields.js'
import { jsonInput } from '../../tools/json.js'
import { ROLES } from '../../tools/words.js'

const EMAIL = /^[^\s@<>"\\]+@[^\s@<>"\\]+\.[^\s@<>"\\]+$/
const EMAIL_RIGHT = 'must be an e-mail address, such as ada@example.com'
const SLUG = /^[a-z0-9]+(-[a-z0-9]+)*$/
const SLUG_RIGHT = 'must be at most 50 lower-case letters, digits and single hyphens between them'
const NOTHING_ELSE = 'must be an object'

const email = z
  .string({ error: EMAIL_RIGHT })
  .trim()
  .toLowerCase()
  .max(254, EMAIL_RIGHT)
  .regex(EMAIL, EMAIL_RIGHT)
const slug = z.string({ error: SLUG_RIGHT }).max(50, SLUG_RIGHT).regex(SLUG, SLUG_RIGHT)
const createdAt = instant
  .optional()
  .describe('When it was made; the time of the seeding where it is left out')
const organization = slug.describe('Slug of an organization of the file or of the store')

const user = z.strictObject(
  {
    email,
    name: name.optional().describe('What others see; what stands before the @ where it is left out'),
    createdAt,
    disabledAt: instant.optional().describe('Since when nobody may sign in as this person'),
  },
  { error: NOTHING_ELSE },
)

const organizationRecord = z.strictObject({ slug, name, createdAt }, { error: NOTHING_ELSE })

const member = z.strictObject(
  {
    email: email.describe('A person of the file or of the store'),
    organization,
    role: z.enum(ROLES, { error: `must be one of ${ROLES.join(', ')}` }).default('member'),
    createdAt,
  },
  { error: NOTHING_ELSE },
)

const task = z.strictObject(
  {
    organization,
    title,
    id: id.optional().describe('What other records of the file name it by; the store gives its own'),
    parent: id.optional().describe('The id of a task that stands before it, of the same organization'),
    description: jsonInput.optional().describe('Text or any JSON value'),
    status: status.default('TODO'),
    assignee: assignee.optional().describe("A member's e-mail; any other text is kept as it is"),
    createdBy: email.optional().describe('Who made it: a person of the file or of the store'),
    owners: z
      .array(email, { error: 'must be an array of e-mail addresses' })
      .optional()
      .describe('Who owns it, in this order; who made it where it is left out'),
    createdAt,
    updatedAt: instant.optional().describe('When it last changed; createdAt where it is left out'),
    completedAt: instant.optional(),
  },
  { error: NOTHING_ELSE },
)

/** The schema of each kind of record, in the order in which they are added. */
export const RECORDS = {
  users: user,
  organizations: organizationRecord,
  members: member,
  tasks: task,
} as const

export const KINDS = Object.keys(RECORDS) as SeedKind[]

/** One record of a kind, as a person calls it, and as a line of NDJSON says it: `{"type":"task",…}`. */
export const TYPES = {
  users: 'user',
  organizations: 'organization',
  members: 'member',
  tasks: 'task',
} as const

export const kindOfType = (type: unknown): SeedKind | undefined => KINDS.find((kind) => TYPES[kind] === type)

const file = z
  .strictObject({
    users: z.array(user).optional(),
    organizations: z.array(organizationRecord).optional(),
    members: z.array(member).optional(),
    tasks: z.array(task).optional(),
  })
  .meta({
    title: 'What zuko-mcp admin seed FILE reads',
    description:
      'A .json file holds this object. A .ndjson or .jsonl file holds one record per line, with "type": "user", "organization", "member" or "task" added to it. A .csv file holds tasks only: a header with names of their fields, then one row each; several owners are separated by spaces.',
  })

/** The JSON Schema (2020-12) of a file. */
export const fileSchema = (): object =>
  z.toJSONSchema(file, { target: 'draft-2020-12', io: 'input', unrepresentable: 'any' })
