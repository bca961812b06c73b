import { isZukoError, type ToolErrorCode, type ZukoError } from '../errors.js'

/** The codes whose words are for a model. */
const SPOKEN: Record<Exclude<ToolErrorCode, 'INTERNAL'>, true> = {
  NOT_FOUND: true,
  INVALID_ARGUMENT: true,
  ORGANIZATION_REQUIRED: true,
  CONFLICT: true,
  IDEMPOTENCY_MISMATCH: true,
  AMBIGUOUS_ASSIGNEE: true,
  RATE_LIMITED: true,
}

/** Whether an error is one that a model can act on, and reads in our words. */
export const isSpoken = (error: unknown): error is ZukoError =>
  isZukoError(error) && Object.hasOwn(SPOKEN, error.code)

/**
 * What a model reads of an error: `CODE: what is wrong. Fix: what to do next.` Only words of ours reach it;
 * an error with another code, or with none, tells nothing but `requestId`, its reference in the logs.
 */
export function errorText(error: unknown, requestId: string): string {
  if (isSpoken(error)) {
    return `${error.code}: ${error.message}${error.fix === undefined ? '' : ` Fix: ${error.fix}.`}`
  }
  if (isZukoError(error, 'UNAVAILABLE')) {
    return `INTERNAL: The store is busy (reference ${requestId}). Fix: try again in a moment.`
  }
  return `INTERNAL: The call failed (reference ${requestId}). Fix: try again once; if it fails again, give the reference to the operator.`
}
