/**
 * The same tables in Postgres' words, made from SQLite's, so that neither can forget a column of the other.
 * Times are bigint milliseconds, ids integers, flags booleans; text sorts by code point, as SQLite sorts it.
 */
import { getTableColumns } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  boolean,
  check,
  customType,
  foreignKey,
  index,
  integer,
  type PgColumnBuilderBase,
  type PgTable,
  pgTable,
  primaryKey,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as sqlite from '../schema.js'

const time = customType<{ data: Date; driverData: number }>({
  dataType: () => 'bigint',
  toDriver: (date) => date.getTime(),
  fromDriver: (milliseconds) => new Date(Number(milliseconds)),
})
const text = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' })

/** Columns of milliseconds are called `at` or `…_at`; every other integer is an id, a place or a count. */
const IS_TIME = /(^|_)at$/

function typed(column: SQLiteColumn) {
  const { columnType, name } = column
  if (columnType === 'SQLiteTimestamp') return time(name)
  if (columnType === 'SQLiteBoolean') return boolean(name)
  if (columnType === 'SQLiteText') return text(name)
  if (columnType !== 'SQLiteInteger') throw new Error(`No type in Postgres for ${columnType}.`)
  if (IS_TIME.test(name)) return bigint(name, { mode: 'number' })
  return integer(name)
}

function builder(column: SQLiteColumn): PgColumnBuilderBase {
  if ('autoIncrement' in column && column.autoIncrement) {
    return integer(column.name).primaryKey().generatedByDefaultAsIdentity()
  }
  let built = typed(column) as ReturnType<typeof integer>
  if (column.primary) built = built.primaryKey() as typeof built
  if (column.notNull) built = built.notNull() as typeof built
  if (column.isUnique) built = built.unique() as typeof built
  if (column.hasDefault) built = built.default(column.default as number) as typeof built
  return built
}

type Columns = Record<string, AnyPgColumn>
type Some = [AnyPgColumn, ...AnyPgColumn[]]

/** Indexes, keys and checks of a table, over its columns in Postgres; `other` finds the table of a reference. */
function constraints(table: SQLiteTable, columns: Columns, other: (table: SQLiteTable) => PgTable) {
  const { indexes, foreignKeys, checks, primaryKeys, uniqueConstraints } = getTableConfig(table)
  const named = (among: Columns, names: { name: string }[]) =>
    names.map(({ name }) => Object.values(among).find((column) => column.name === name)) as Some
  const own = (names: { name: string }[]) => named(columns, names)
  return [
    ...indexes.map(({ config }) =>
      (config.unique ? uniqueIndex : index)(config.name).on(...own(config.columns as SQLiteColumn[])),
    ),
    ...uniqueConstraints.map((constraint) => unique(constraint.name).on(...own(constraint.columns))),
    ...primaryKeys.map((key) => primaryKey({ columns: own(key.columns) })),
    ...checks.map(({ name, value }) => check(name, value)),
    ...foreignKeys.map((key) => {
      const { columns: from, foreignTable, foreignColumns } = key.reference()
      const to = named(getTableColumns(other(foreignTable)), foreignColumns)
      return foreignKey({ name: key.getName(), columns: own(from), foreignColumns: to })
        .onDelete(key.onDelete ?? 'no action')
        .onUpdate(key.onUpdate ?? 'no action')
    }),
  ]
}

function postgresTables<Name extends string>(tables: Record<Name, SQLiteTable>): Record<Name, PgTable> {
  const made = new Map<SQLiteTable, PgTable>()
  const other = (table: SQLiteTable) => made.get(table) as PgTable
  for (const table of Object.values<SQLiteTable>(tables)) {
    const columns = Object.entries(getTableColumns(table)).map(([key, column]) => [key, builder(column)])
    const constrain = (own: object) => constraints(table, own as Columns, other)
    made.set(table, pgTable(getTableConfig(table).name, Object.fromEntries(columns), constrain))
  }
  const named = Object.entries<SQLiteTable>(tables).map(([name, table]) => [name, other(table)])
  return Object.fromEntries(named) as Record<Name, PgTable>
}

export const {
  account,
  audit,
  auditHead,
  idempotencyKey,
  invitation,
  jwks,
  member,
  oauthAccessToken,
  oauthClient,
  oauthClientAssertion,
  oauthClientResource,
  oauthConsent,
  oauthRefreshToken,
  oauthResource,
  organization,
  session,
  task,
  taskOwner,
  user,
  verification,
} = postgresTables(sqlite)
