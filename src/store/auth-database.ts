import type { drizzleAdapter } from 'better-auth/adapters/drizzle'

type AuthDatabase = ReturnType<typeof drizzleAdapter>
type Adapter = ReturnType<AuthDatabase>

/** Runs one statement: again while the database asks for that, and with our own words for what it cannot do. */
export type Run = <Result>(statement: () => Promise<Result>) => Promise<Result>

const STATEMENTS = [
  'create',
  'findOne',
  'findMany',
  'count',
  'update',
  'updateMany',
  'delete',
  'deleteMany',
  'consumeOne',
  'incrementOne',
] as const

function through(adapter: Adapter, run: Run): Adapter {
  const statements = STATEMENTS.filter((name) => name in adapter).map((name) => {
    const statement = adapter[name] as (...given: unknown[]) => Promise<unknown>
    return [name, (...given: unknown[]) => run(() => statement(...given))]
  })
  const transaction: Adapter['transaction'] = (work) =>
    adapter.transaction((inner) => work(through(inner as Adapter, run)))
  return { ...adapter, ...Object.fromEntries(statements), transaction }
}

/** better-auth's database with each of its statements sent through `run`, as the store's own are. */
export const authDatabaseThrough =
  (database: AuthDatabase, run: Run): AuthDatabase =>
  (options) =>
    through(database(options), run)
