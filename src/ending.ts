import { type ErrorCode, isZukoError, type ZukoError } from './errors.js'

/** How a command ends: the exit code, and what a person reads on stderr. */
export interface Ending {
  exitCode: number
  text: string
}

/** Exit codes that are not 1. */
const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  USAGE: 2,
  CONFIGURATION: 78,
  INTERRUPTED: 130,
}

/** The words of one of our errors: what is wrong, what would be right, and every problem on its own line. */
const words = (error: ZukoError): string =>
  [
    error.fix === undefined ? error.message : `${error.message} Fix: ${error.fix}.`,
    ...error.problems.map((problem) => `  ${problem}`),
  ].join('\n')

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''

/** Our own words for our own errors; for anything else its first line, and how to see more. */
export function endingOf(error: unknown, verbose: boolean): Ending {
  const known = isZukoError(error)
  const text = known
    ? words(error)
    : `Unexpected error: ${messageOf(error)}. Fix: run it again with LOG_LEVEL=debug to see where it comes from.`
  const stack = verbose && error instanceof Error ? `\n${stacks(error)}` : ''
  return {
    exitCode: (known && EXIT_CODES[error.code]) || 1,
    text: `zuko-mcp: ${text}${stack}\n`,
  }
}

const stacks = (error: Error): string =>
  error.cause instanceof Error ? `${error.stack}\nCaused by: ${stacks(error.cause)}` : `${error.stack}`

const HELP_CODES = ['commander.help', 'commander.helpDisplayed', 'commander.version']

/** What commander throws once it has shown help or the version, which is what was asked for. */
export const isHelp = (error: unknown): boolean =>
  HELP_CODES.includes((error as { code?: string } | undefined)?.code ?? '')
