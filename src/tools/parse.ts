import type { z } from 'zod'
import { ZukoError } from '../errors.js'
import type { Tool, ToolContext } from './define.js'
import { nearest } from './nearest.js'

/** One problem of a call: what is wrong, and what would be right. */
interface Problem {
  wrong: string
  right: string
}

const ECHOED = 40
/** How many unknown arguments are told one by one. */
const NAMED = 20

/** A received value in a few characters; anything that could be long or deep by its kind alone. */
function shown(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > ECHOED ? `a text of ${value.length} characters` : JSON.stringify(value)
  }
  if (Array.isArray(value)) return 'an array'
  return value !== null && typeof value === 'object' ? 'an object' : String(value)
}

function unknownArgument(name: string, tool: Tool): Problem {
  const known = Object.keys(tool.input.shape)
  const meant = nearest(name, known)
  const quoted = JSON.stringify(name.slice(0, ECHOED))
  const accepted = known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes no arguments'
  return {
    wrong: `${tool.name} has no argument ${quoted}`,
    right: meant ? `use "${meant}" instead of ${quoted}` : `leave ${quoted} out: ${accepted}`,
  }
}

/** A body has room for 40,000 unknown arguments; an answer that named each would be a hundred times as long. */
function unknownArguments(names: readonly string[], tool: Tool): Problem[] {
  const named = names.slice(0, NAMED).map((name) => unknownArgument(name, tool))
  const more = names.length - named.length
  if (more <= 0) return named
  return [...named, { wrong: `${more} more are unknown`, right: 'leave those out as well' }]
}

function problems(issue: z.core.$ZodIssue, args: unknown, tool: Tool): Problem[] {
  if (issue.code === 'unrecognized_keys') return unknownArguments(issue.keys, tool)
  const name = issue.path.map(String).join('.')
  if (name === '') {
    const wrong = issue.code === 'custom' ? issue.params?.wrong : `the arguments are ${shown(args)}`
    return [{ wrong: String(wrong), right: `the arguments ${issue.message}` }]
  }
  const value = (args as Record<string, unknown>)[name]
  const wrong = value === undefined ? `${name} is missing` : `${name} is ${shown(value)}`
  return [{ wrong, right: `${name} ${issue.message}` }]
}

const isObject = (args: unknown): args is object =>
  args !== null && typeof args === 'object' && !Array.isArray(args)

/**
 * The arguments of a call as the tool understands them: `undefined` counts as none given.
 * @throws ZukoError INVALID_ARGUMENT that lists every problem at once, each with what would be right
 */
export function parseInput(tool: Tool, args: unknown): Record<string, unknown> {
  const given = args === undefined ? {} : args
  if (!isObject(given)) {
    throw new ZukoError('INVALID_ARGUMENT', `The arguments are ${shown(given)}.`, {
      fix: 'pass an object of named arguments',
    })
  }
  const parsed = tool.input.safeParse(given)
  const hidden = Object.hasOwn(given, '__proto__') ? [unknownArgument('__proto__', tool)] : []
  if (parsed.success && hidden.length === 0) return parsed.data
  const found = [...hidden, ...(parsed.error?.issues ?? []).flatMap((issue) => problems(issue, given, tool))]
  const list = (of: keyof Problem) => [...new Set(found.map((problem) => problem[of]))].join('; ')
  throw new ZukoError('INVALID_ARGUMENT', `Wrong arguments: ${list('wrong')}.`, { fix: list('right') })
}

/**
 * Runs a tool on raw arguments: parse, run, and hold the answer against the schema that was promised.
 * @throws ZukoError with a tool's code for what the caller can act on, UNAVAILABLE when the store does not
 *   answer; any other error is a fault of ours
 */
export async function runTool(
  tool: Tool,
  args: unknown,
  context: ToolContext,
): Promise<Record<string, unknown>> {
  return tool.output.parse(await tool.run(parseInput(tool, args), context))
}
