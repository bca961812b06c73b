import { statement } from './statement.js'

/**
 * Until this transaction ends, no other gets past this statement with the same name. SQLite has one writer at
 * a time without it.
 */
export const hold = statement<unknown, { name: string }>({
  sqlite: 'SELECT @name',
  postgres: 'SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))',
})
