import { isZukoError, ZukoError } from '../errors.js'
import type { Tool, ToolContext } from './define.js'
import { type Problem, problemsOf } from './problems.js'
import { type Repair, repair } from './repair.js'
import { isObject, shown } from './shown.js'

/**
 * The arguments of a call as the tool understands them: `undefined` counts as none given.
 * @throws ZukoError INVALID_ARGUMENT that lists every problem at once, each with what would be right
 */
export function parseInput(tool: Tool, args: unknown): Record<string, unknown> {
  const given = args === undefined ? {} : args
  if (!isObject(given) || Array.isArray(given)) {
    throw new ZukoError('INVALID_ARGUMENT', `The arguments are ${shown(given)}.`, {
      fix: 'pass an object of named arguments',
    })
  }
  const parsed = tool.checks.input().safeParse(given)
  if (parsed.success && !Object.hasOwn(given, '__proto__')) return parsed.data
  const found = problemsOf(parsed.error?.issues ?? [], given, tool)
  const list = (of: keyof Problem) => [...new Set(found.flatMap((problem) => problem[of] || []))].join('; ')
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
  return tool.checks.output().parse(await tool.run(parseInput(tool, args), context))
}

/** What to tell of repairs; nothing of a text that the tool kept as text after all. */
const tellings = (repairs: readonly Repair[], answer: Record<string, unknown>): string[] =>
  repairs.flatMap(({ told, text }) => (text && typeof answer[text.field] === 'string' ? [] : [told]))

/** A refusal of repaired arguments says first what was wrong with their names. */
function refusal(error: unknown, repairs: readonly Repair[]): unknown {
  if (!isZukoError(error, 'INVALID_ARGUMENT')) return error
  const { message, fix, data } = error
  const right = [...repairs.flatMap((one) => one.right ?? []), ...(fix === undefined ? [] : [fix])]
  return new ZukoError('INVALID_ARGUMENT', message, { fix: right.join('; '), ...(data && { data }) })
}

/**
 * Runs a tool on what a model sent through a host: like `runTool`, after the repair of what hosts are known to
 * mangle. Each repair is told in the answer's `note`.
 */
export async function runCall(
  tool: Tool,
  given: unknown,
  context: ToolContext,
): Promise<Record<string, unknown>> {
  const { args, repairs } = repair(tool, given)
  if (repairs.length === 0) return runTool(tool, args, context)
  const texts = repairs.flatMap(({ text }) => (text ? [[text.field, text.given]] : []))
  const answer = await runTool(tool, args, { ...context, texts: Object.fromEntries(texts) }).catch(
    (error: unknown) => {
      throw refusal(error, repairs)
    },
  )
  const notes = [...(typeof answer.note === 'string' ? [answer.note] : []), ...tellings(repairs, answer)]
  return notes.length === 0 ? answer : { ...answer, note: notes.join(' ') }
}
