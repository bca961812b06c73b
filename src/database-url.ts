import { fileURLToPath } from 'node:url'

/** Where the store is: the path of a SQLite file, or the `postgres:` URL of a database. */
export type Database = string | URL

const EXAMPLES =
  'must be a file: URL such as file:/var/lib/zuko/zuko.db, or a postgres: URL such as postgres://zuko@db.example/zuko'

/** libpq's names for what a connection must prove; it is made without TLS where none is given. */
const TLS_MODES = ['disable', 'require', 'verify-ca', 'verify-full']

/** Fewer than two connections cannot work while one holds a lock. */
const MIN_CONNECTIONS = 2
const MAX_CONNECTIONS = 1000

/** Everything behind the scheme's slashes may hold a password. */
const withoutSecrets = (text: string): string => text.replace(/:\/\/.*$/s, '://…')

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** What keeps a `postgres:` URL from naming one database; undefined when nothing does. */
function problemOf({ username, password, pathname, searchParams }: URL): string | undefined {
  if (![username, password, pathname].every(isDecodable)) {
    return 'holds a % that encodes nothing; write % as %25'
  }
  if (pathname.length < 2) return 'names no database; write its name behind the host: postgres://host/name'
  const mode = searchParams.get('sslmode')
  if (mode !== null && !TLS_MODES.includes(mode))
    return `has an sslmode that is none of ${TLS_MODES.join(', ')}`
  if (mode === 'verify-ca' && !searchParams.has('sslrootcert')) {
    return 'has sslmode=verify-ca without sslrootcert, the file of the authority to trust'
  }
  const max = searchParams.get('max') ?? String(MIN_CONNECTIONS)
  const fits = /^\d{1,4}$/.test(max) && Number(max) >= MIN_CONNECTIONS && Number(max) <= MAX_CONNECTIONS
  return fits ? undefined : `has a max that is no number from ${MIN_CONNECTIONS} to ${MAX_CONNECTIONS}`
}

function readPostgres(text: string): { database: URL } | { problem: string } {
  if (!URL.canParse(text)) {
    return { problem: `${EXAMPLES}; in user and password :/?#[]@% are written as %3A, %2F and so on` }
  }
  const database = new URL(text)
  const problem = problemOf(database)
  return problem === undefined ? { database } : { problem }
}

/** Reads `DATABASE_URL`, or answers what is wrong with it, in words that hold no password. */
export function readDatabaseUrl(text: string): { database: Database } | { problem: string } {
  if (/^postgres(ql)?:\/\//.test(text)) return readPostgres(text)
  const isUrl = text.startsWith('file:///') || /^file:\/[^/]/.test(text)
  const path = isUrl ? fileURLToPath(text) : text.replace(/^file:/, '')
  if (text.startsWith('file:') && path.length > 0 && !path.startsWith('//')) return { database: path }
  return { problem: `${EXAMPLES}. Received "${withoutSecrets(text)}"` }
}

/** A database as people may read it: the path, or host and name without user, password and parameters. */
export const shownDatabase = (database: Database): string =>
  typeof database === 'string' ? database : `postgres://${database.host}${database.pathname}`
