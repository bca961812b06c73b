import { isZukoError } from '../errors.js'

/**
 * What a log may say about an error. A driver's message can quote the values of a query, so of a foreign
 * error only its kind, its code and where it was thrown are kept; our own messages hold no data.
 */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error }
  const { code: errorCode } = error as NodeJS.ErrnoException
  const cause = error.cause === undefined ? {} : { cause: errorFacts(error.cause) }
  if (isZukoError(error)) return { error: errorCode, problem: error.message, ...cause }
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    error: error.name,
    ...(errorCode === undefined ? {} : { errorCode }),
    at: frames.slice(0, 5),
    ...cause,
  }
}
