/** Codes a tool answers with; a model reads them as `CODE: what. Fix: what next.` */
export type ToolErrorCode =
  | 'NOT_FOUND'
  | 'INVALID_ARGUMENT'
  | 'ORGANIZATION_REQUIRED'
  | 'CONFLICT'
  | 'IDEMPOTENCY_MISMATCH'
  | 'AMBIGUOUS_ASSIGNEE'
  | 'RATE_LIMITED'
  | 'INTERNAL'

/** Codes that end a command or a request instead of answering a model. */
export type ProgramErrorCode = 'FAILED' | 'USAGE' | 'CONFIGURATION' | 'INTERRUPTED' | 'UNAVAILABLE'

export type ErrorCode = ToolErrorCode | ProgramErrorCode

interface Details {
  /** What would be right: for a person a command, for a model the next call. Without a final full stop. */
  fix?: string | undefined
  /** Every problem of a wrong configuration or input file, one line each. */
  problems?: readonly string[]
  /** Facts that the answer carries besides its words, such as the current task of a CONFLICT. */
  data?: Record<string, unknown>
  cause?: unknown
}

/**
 * The one error class. `message` says what is wrong with which named thing, `fix` what would be right.
 * Both are our own words: whatever a driver or a library said stays in `cause` and reaches logs only.
 */
export class ZukoError extends Error {
  readonly code: ErrorCode
  readonly fix: string | undefined
  readonly problems: readonly string[]
  readonly data: Record<string, unknown> | undefined

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'ZukoError'
    this.code = code
    this.fix = details.fix
    this.problems = details.problems ?? []
    this.data = details.data
  }
}

/**
 * True for an error with one of our codes, optionally for one code. Told by its name: the bundled start of the
 * bridge has a class of its own.
 */
export const isZukoError = (error: unknown, code?: ErrorCode): error is ZukoError =>
  error instanceof Error &&
  error.name === 'ZukoError' &&
  (code === undefined || (error as ZukoError).code === code)
