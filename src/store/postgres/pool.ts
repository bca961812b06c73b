import pg from 'pg'
import type { Log } from '../../log.js'

/** Connections of one process; `max` in the URL says otherwise. */
const CONNECTIONS = 10
/** Of those apart that hold locks while others work. */
const LOCKS = 4
const CONNECT_MS = 3_000
/** The types of counts and of sums of counts. */
const NUMBERS = new Set([20, 1700])

/** They arrive as numbers: all that the store keeps are exact up to 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') =>
    NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

type Connected = (error: Error | undefined) => void

/** The driver keeps a socket open on which it could not sign in, until the server loses patience. */
class EndingClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config)
    const connect = this.connect.bind(this) as (done: Connected) => void
    const connectOrEnd = (done: Connected) =>
      connect((error) => {
        if (error) void this.end()
        done(error)
      })
    this.connect = connectOrEnd as pg.Client['connect']
  }
}

/** libpq's meaning of sslmode: `require` encrypts, `verify-full` proves who answers as well. */
function connectionString(url: URL): string {
  const meant = new URL(url)
  meant.searchParams.set('uselibpqcompat', 'true')
  return meant.href
}

/**
 * Connections to the database at a `postgres:` URL (libpq's parameters: `sslmode`, `sslrootcert`, …), made as
 * they are needed. One that breaks while it is idle is dropped, and the log says so.
 */
export function openPools(url: URL, log?: Log): { pool: pg.Pool; locks: pg.Pool } {
  const max = Number(url.searchParams.get('max') ?? CONNECTIONS)
  const open = (connections: number): pg.Pool => {
    const pool = new pg.Pool({
      Client: EndingClient,
      connectionString: connectionString(url),
      max: connections,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'zuko-mcp',
      types,
    })
    // While a connection is in use its user hears of the break; an event that nobody hears would end the process.
    pool.on('connect', (client) => void client.on('error', () => undefined))
    pool.on('error', (error) => log?.warn({ reason: error.message }, 'a database connection broke'))
    return pool
  }
  return { pool: open(max), locks: open(Math.min(LOCKS, max)) }
}
