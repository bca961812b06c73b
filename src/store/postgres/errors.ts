import { ZukoError } from '../../errors.js'

/** SQLSTATE of a refused statement, or node's code of a failed connection. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/**
 * Serialization failure and deadlock; a row that somebody else added and a membership that somebody ended since
 * the transaction looked: the same transaction may well succeed, or refuse in its own words, when it runs again.
 */
export const isTransient = (error: unknown): boolean => /^(40(001|P01)|23505|42501)$/.test(codeOf(error))

/** The driver's own words, which have no code, for a connection that ended or was never made. */
const DISCONNECTED =
  /^(connection terminated|client (was closed|has encountered)|timeout (expired|exceeded))/i

/** The connection is gone, was never there, or the server is ending: nothing can be said on this one any more. */
export const isDisconnected = (error: unknown): boolean =>
  /^(08|57P0)|^E[A-Z]+$/.test(codeOf(error)) || (error instanceof Error && DISCONNECTED.test(error.message))

/** What each class of SQLSTATE says about the database; in the order in which they are tried. */
const REASONS: [pattern: RegExp, message: string, fix: string][] = [
  [/^53100$/, 'The disk of the database is full.', 'free some space and try again'],
  [/^53/, 'The database has no place for another connection.', 'try again in a moment'],
  [/^(25006|57014|55P03|40)/, 'The database is busy.', 'try again in a moment'],
  [/^(28|3D)/, 'The database refuses this user.', 'check user, password and name in DATABASE_URL'],
]

/** Our own words for what the database cannot do now; the driver's stay in `cause`. Other errors pass. */
export function asUnavailable(error: unknown): unknown {
  const code = codeOf(error)
  const [, message, fix] = REASONS.find(([pattern]) => pattern.test(code)) ?? []
  if (message && fix) return new ZukoError('UNAVAILABLE', message, { fix, cause: error })
  if (!isDisconnected(error)) return error
  return new ZukoError('UNAVAILABLE', 'The database does not answer.', {
    fix: 'try again in a moment',
    cause: error,
  })
}
