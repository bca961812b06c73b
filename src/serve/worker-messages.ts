import { isZukoError, ZukoError } from '../errors.js'
import type { Siblings } from '../store/open.js'

type Allowances = Siblings['allowances']

/** An error on its way to another process. */
export interface Failure {
  /** Undefined for an error that is not ours. */
  code: ZukoError['code'] | undefined
  message: string
  fix: string | undefined
  problems: readonly string[]
  stack: string | undefined
  cause: Failure | undefined
}

/** What a worker says to the process that started it. */
export type FromWorker =
  | { say: 'serving' }
  | { say: 'failed'; failure: Failure }
  | { say: 'take'; id: number; wanted: Parameters<Allowances['take']>[0] }
  | { say: 'give back'; taken: Parameters<Allowances['giveBack']>[0] }
  | { say: 'hold'; id: number; name: string }
  | { say: 'let go'; id: number }
  | { say: 'metrics'; id: number; text: string }

/** What it is told. */
export type ToWorker =
  | { say: 'answer'; id: number; value?: unknown }
  | { say: 'metrics'; id: number }
  | { say: 'stop' }

export function failureOf(error: unknown): Failure {
  const known = isZukoError(error) ? error : undefined
  const { message, stack, cause } = error instanceof Error ? error : new Error(String(error))
  return {
    ...{ code: known?.code, fix: known?.fix, problems: known?.problems ?? [], message, stack },
    cause: cause === undefined ? undefined : failureOf(cause),
  }
}

/** The same error, with the stack of where it was thrown. */
export function errorOf({ code, message, stack, ...details }: Failure): Error {
  const cause = details.cause && errorOf(details.cause)
  const error = code ? new ZukoError(code, message, { ...details, cause }) : new Error(message, { cause })
  return stack ? Object.assign(error, { stack }) : error
}
