import type { z } from 'zod'
import type { Tool } from './define.js'
import type { Kind } from './kinds.js'
import { nearest } from './nearest.js'
import { folded, isObject, quoted, shown } from './shown.js'
import { spelledJson } from './spelled.js'
import { suggestion } from './suggest.js'
import { argumentCalled } from './synonyms.js'

/** One problem of a call: what is wrong, and what would be right. */
export interface Problem {
  wrong: string
  right: string
}

type Arguments = Record<string, unknown>

/** How many unknown arguments are told one by one. */
const NAMED = 20

/** Where the ids are that a model has no other way to know. */
const FINDER: Record<string, string> = {
  taskId: 'find the id with list_tasks',
  parentTaskId: 'find the id with list_tasks',
  organizationId: 'find the id with list_organizations',
}

/** What to do about a value besides the rule that it breaks. */
function advice(name: string, kind: Kind, value: unknown, tool: Tool): string {
  const proposal = suggestion(kind, value)
  if (proposal !== undefined) return `; pass ${name} ${JSON.stringify(proposal)} if that is meant`
  const empty = value === null || value === ''
  if (empty && kind.nullable) return `; pass ${name} null to clear it, or leave "${name}" out to keep it`
  if (empty && !kind.required)
    return `; leave "${name}" out${tool.annotations.destructiveHint ? ' to keep it' : ''}`
  return FINDER[name] === undefined ? '' : `; ${FINDER[name]}`
}

/** What is wrong with a value of a known argument; nothing when it is right. */
function valueProblems(name: string, message: string, value: unknown, tool: Tool): Problem {
  const kind = tool.kinds.get(name)
  const more = kind === undefined ? '' : advice(name, kind, value, tool)
  const wrong = value === undefined ? `${name} is missing` : `${name} is ${shown(value)}`
  return { wrong, right: `${name} ${message}${more}` }
}

/** The known argument that an unknown one was probably meant to be. */
function meantBy(name: string, tool: Tool): string | undefined {
  const known = [...tool.kinds.keys()]
  const same = known.find((one) => folded(one) === folded(name))
  const called = argumentCalled(name)
  return same ?? (called !== undefined && tool.kinds.has(called) ? called : nearest(name, known))
}

/** An object, or the object that a text spells. */
function objectOf(value: unknown): object | undefined {
  const object = typeof value === 'string' ? spelledJson(value) : value
  return isObject(object) && !Array.isArray(object) ? object : undefined
}

/** Whether a value is an object of arguments, such as {"changes":{"status":"DONE"}} has. */
function holdsArguments(value: unknown, tool: Tool): boolean {
  const names = Object.keys(objectOf(value) ?? {})
  return names.some((name) => meantBy(name, tool) !== undefined)
}

function unknownArgument(name: string, given: Arguments, tool: Tool): Problem[] {
  const known = [...tool.kinds.keys()]
  const wrong = `${tool.name} has no argument ${quoted(name)}`
  const value = Object.hasOwn(given, name) ? given[name] : undefined
  if (holdsArguments(value, tool))
    return [{ wrong, right: `pass what is inside ${quoted(name)} as arguments of their own` }]
  const meant = meantBy(name, tool)
  if (meant === undefined) {
    const accepted = known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes no arguments'
    return [{ wrong, right: `leave ${quoted(name)} out: ${accepted}` }]
  }
  if (Object.hasOwn(given, meant)) return [{ wrong, right: `leave ${quoted(name)} out: "${meant}" is given` }]
  const renamed = { wrong, right: `use "${meant}" instead of ${quoted(name)}` }
  const checked = tool.input.shape[meant]?.safeParse(value)
  const [issue] = checked?.error?.issues ?? []
  return issue ? [renamed, valueProblems(meant, issue.message, value, tool)] : [renamed]
}

/** A body has room for 40,000 unknown arguments; an answer that named each would be a hundred times as long. */
function unknownArguments(names: readonly string[], given: Arguments, tool: Tool): Problem[] {
  const named = names.slice(0, NAMED).flatMap((name) => unknownArgument(name, given, tool))
  const more = names.length - NAMED
  if (more <= 0) return named
  return [...named, { wrong: `${more} more are unknown`, right: 'leave those out as well' }]
}

function problems(issue: z.core.$ZodIssue, given: Arguments, tool: Tool): Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownArguments(issue.keys, given, tool)
  const name = issue.path.map(String).join('.')
  if (name !== '') return [valueProblems(name, issue.message, given[name], tool)]
  const wrong = issue.code === 'custom' ? issue.params?.wrong : `the arguments are ${shown(given)}`
  return [{ wrong: String(wrong), right: `the arguments ${issue.message}` }]
}

/** Everything that is wrong with arguments. A missing one is in another's place where that can be told. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], given: object, tool: Tool): Problem[] {
  const args = given as Arguments
  const hidden = Object.hasOwn(given, '__proto__') ? unknownArgument('__proto__', args, tool) : []
  const found = [...hidden, ...issues.flatMap((issue) => problems(issue, args, tool))]
  const elsewhere = Object.keys(given).flatMap((name) => (tool.kinds.has(name) ? [] : held(name, args, tool)))
  const misplaced = ({ wrong }: Problem) => elsewhere.some((name) => wrong === `${name} is missing`)
  return found.map((problem) => (misplaced(problem) ? { ...problem, right: '' } : problem))
}

/** The known arguments that an unknown one stands for or holds. */
function held(name: string, given: Arguments, tool: Tool): (string | undefined)[] {
  const value = given[name]
  if (!holdsArguments(value, tool)) return [meantBy(name, tool)]
  return Object.keys(objectOf(value) ?? {}).map((key) => meantBy(key, tool))
}
