/**
 * A model without wits: it reads what follows `Fix:` and the tool's input schema, does what is written there,
 * and knows besides only what its conversation told it. It never sees our code, nor the rest of the error.
 */
export type Args = Record<string, unknown>

/** What a conversation has told the model: of which task, organization and person it is, and values for fields. */
export interface Knows {
  task?: string
  organization?: string
  person?: string
  /** Fields that it means to empty. */
  clear?: string[]
  fields?: Args
}

interface Property {
  type?: string
  maxLength?: number
  anyOf?: Property[]
}

export interface Schema {
  properties?: Record<string, Property>
}

/** Calls a read tool and answers its structured content. */
export type Look = (tool: 'list_tasks' | 'list_organizations') => Promise<Args>

const isObject = (value: unknown): value is Args =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** One clause of a Fix on arguments: `undefined` when the rule does not apply. */
type Rule = (clause: string, args: Args, knows: Knows) => Args | undefined

const without = (args: Args, name: string): Args =>
  Object.fromEntries(Object.entries(args).filter(([key]) => key !== name))

const rename: Rule = (clause, args) => {
  const [, to = '', from = ''] = /^use "(\w+)" instead of (".*")$/.exec(clause) ?? []
  const name = String(parsed(from))
  return to && name in args ? { ...without(args, name), [to]: args[name] } : undefined
}

const unwrap: Rule = (clause, args) => {
  const [, quoted = ''] = /^pass what is inside (".*") as arguments of their own$/.exec(clause) ?? []
  const name = String(parsed(quoted))
  const inner = typeof args[name] === 'string' ? parsed(args[name] as string) : args[name]
  return isObject(inner) ? { ...without(args, name), ...inner } : undefined
}

const clearOrKeep: Rule = (clause, args, { clear = [] }) => {
  const [, name = ''] = /^pass (\w+) null to clear it, or leave "\w+" out/.exec(clause) ?? []
  if (!name) return undefined
  return clear.includes(name) ? { ...args, [name]: null } : without(args, name)
}

const pass: Rule = (clause, args) => {
  const [, name = '', value = ''] = /(?:^pass|with) (\w+) ("(?:[^"\\]|\\.)*"|-?\d+)/.exec(clause) ?? []
  return name ? { ...args, [name]: parsed(value) } : undefined
}

const leaveOut: Rule = (clause, args) => {
  const [, name = ''] = /\bleave ("[^"]*"|\w+) out/.exec(clause) ?? []
  return name ? without(args, String(parsed(name))) : undefined
}

const newKey: Rule = (clause, args) =>
  clause.startsWith('use a new key') ? { ...args, idempotencyKey: 'another-key' } : undefined

const person: Rule = (clause, args, knows) =>
  clause.startsWith('pass the e-mail or the user id') ? { ...args, assignee: knows.person } : undefined

const shorten: Rule = (clause, args) => {
  const [, name = '', most = ''] = /^(\w+) must be text of 1 to (\d+) characters/.exec(clause) ?? []
  const text = args[name]
  return typeof text === 'string' && text.length > Number(most)
    ? { ...args, [name]: text.slice(0, Number(most)) }
    : undefined
}

const strip: Rule = (clause, args) => {
  const [, name = ''] = /^(\w+) must not contain NUL or lone surrogates/.exec(clause) ?? []
  const text = args[name]
  return typeof text === 'string' ? { ...args, [name]: text.replace(/[\0\p{Surrogate}]/gu, '') } : undefined
}

/** Fields that the conversation has told: for a rule about one, or for "at least one of". */
const remember: Rule = (clause, args, { fields = {} }) => {
  const [, name = '', any] = /^(?:the arguments must have (at least one of)|(\w+) must)/.exec(clause) ?? []
  if (name && !any) return { ...args, ...fields }
  const field = /^(\w+) must/.exec(clause)?.[1] ?? ''
  return field in fields ? { ...args, [field]: fields[field] } : undefined
}

const RULES = [rename, unwrap, clearOrKeep, pass, newKey, person, shorten, strip, remember, leaveOut]

/** The row that a name stands for. */
const match = (rows: Args[], key: string, wanted: unknown): Args | undefined =>
  rows.find((row) => String(row[key]).toLowerCase() === String(wanted).toLowerCase())

/** Looks an id up by the name that was given in its place, or that the conversation told. */
async function find(clause: string, name: string, args: Args, knows: Knows, look: Look) {
  const tool = /list_organizations/.test(clause) ? 'list_organizations' : 'list_tasks'
  const answer = await look(tool)
  const rows = (tool === 'list_tasks' ? answer.tasks : answer.organizations) as Args[]
  const key = tool === 'list_tasks' ? 'title' : 'name'
  const found =
    match(rows, key, args[name]) ?? match(rows, key, tool === 'list_tasks' ? knows.task : knows.organization)
  return found ? { ...args, [name]: found.id } : undefined
}

/** The argument that a clause wants looked up: as it says itself, or the one before it. */
function sought(clause: string, before: string, schema: Schema): string {
  if (/list_organizations/.test(clause)) return 'organizationId'
  const named = /\b(taskId|parentTaskId)\b/.exec(before)?.[1]
  if (/parent/.test(clause)) return 'parentTaskId'
  return named ?? (schema.properties?.taskId ? 'taskId' : 'parentTaskId')
}

/** The next arguments after an error, and whether a look-up was made for them; undefined when it gives up. */
export async function nextCall(
  errorText: string,
  args: Args,
  schema: Schema,
  knows: Knows,
  look: Look,
): Promise<{ args: Args; looked: boolean } | undefined> {
  const fix = / Fix: (.*)\.$/s.exec(errorText)?.[1]
  if (fix === undefined) return undefined
  let [next, looked, before] = [args, false, '']
  for (const clause of fix.split('; ')) {
    const done = RULES.map((rule) => rule(clause, next, knows)).find((result) => result !== undefined)
    const seek =
      /\b(find the id|list_organizations shows them)/.test(clause) && !(done && /^pass \w+ \d/.test(clause))
    const found = seek ? await find(clause, sought(clause, before, schema), next, knows, look) : undefined
    looked ||= seek
    next = found ?? done ?? next
    before = clause
  }
  return { args: next, looked }
}
