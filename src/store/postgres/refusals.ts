import { shownDatabase } from '../../database-url.js'
import { type ErrorCode, isZukoError, ZukoError } from '../../errors.js'
import { asUnavailable, codeOf } from './errors.js'

/** What all our statements need; older ones have had no repairs for years. */
const OLDEST_SERVER = 13

/** @throws ZukoError FAILED for a server older than the first that is tested; `version` as in 150004 for 15.4 */
export function refuseOldServer(version: number): void {
  const major = Math.floor(version / 10_000)
  if (major >= OLDEST_SERVER) return
  throw new ZukoError('FAILED', `The database server is PostgreSQL ${major}.`, {
    fix: `set DATABASE_URL to a server of PostgreSQL ${OLDEST_SERVER} or later`,
  })
}

type Words = [code: ErrorCode, message: string, fix: string]

const named = (url: URL): string => `The database ${shownDatabase(url)}`
const server = (url: URL): string => url.host || url.searchParams.get('host') || 'localhost'

/** What each way of failing to connect says about DATABASE_URL; in the order in which they are tried. */
const REFUSALS: [matches: RegExp, words: (url: URL) => Words][] = [
  [
    /^(28\w{3}|SASL)/,
    (url) => ['CONFIGURATION', `${named(url)} refuses the user.`, 'check user and password in DATABASE_URL'],
  ],
  [
    /^3D000/,
    (url) => [
      'CONFIGURATION',
      `${named(url)} does not exist.`,
      'make it with "createdb", or check the name in DATABASE_URL',
    ],
  ],
  [
    /^42501/,
    (url) => [
      'FAILED',
      `The user may not make tables in ${shownDatabase(url)}.`,
      'make the user the owner of the database, or GRANT it CREATE on the schema public',
    ],
  ],
  [
    /^ENOENT/,
    () => [
      'CONFIGURATION',
      'A file that DATABASE_URL names for TLS cannot be read.',
      'check sslrootcert, sslcert and sslkey',
    ],
  ],
  [
    /does not support SSL/,
    (url) => [
      'CONFIGURATION',
      `The server ${server(url)} does not offer TLS.`,
      'turn TLS on there, or leave sslmode out of DATABASE_URL on a network you trust',
    ],
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/,
    (url) => [
      'CONFIGURATION',
      `The certificate of ${server(url)} cannot be verified.`,
      'name the file of its authority with sslrootcert, and its host as in the certificate',
    ],
  ],
  [
    /^(ENOTFOUND|EAI_)/,
    (url) => ['UNAVAILABLE', `The host ${server(url)} is not known.`, 'check the host in DATABASE_URL'],
  ],
  [
    /^E[A-Z]+$|timeout/,
    (url) => [
      'UNAVAILABLE',
      `The database server ${server(url)} does not answer.`,
      'start it, or check host and port in DATABASE_URL',
    ],
  ],
]

/** Our own words for a database that cannot be opened; the driver's stay in `cause`. Other errors pass. */
export function asRefusal(error: unknown, url: URL): unknown {
  if (isZukoError(error) || !(error instanceof Error)) return error
  const how = codeOf(error) || error.message
  const [, words] = REFUSALS.find(([matches]) => matches.test(how)) ?? []
  if (!words) return asUnavailable(error)
  const [code, message, fix] = words(url)
  return new ZukoError(code, message, { fix, cause: error })
}
