/** What is copied from one database to another: every table of the schema, each after those that it refers to. */
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from './schema.js'
import { Insertion, type Statement, statement, type Value, type Values } from './statement.js'

export type Row = Record<string, Value | boolean>

export interface CopyTable {
  name: string
  columns: string[]
  /** The columns of its primary key: what its rows are read in the order of. */
  key: string[]
  /** A place before its first row, in the words of its key. */
  start: Values
  /** Its ids are counted by the database, which has to be told where to go on. */
  counted: boolean
  count: Statement<{ rows: number }, Record<never, never>>
  /** The next rows after a place. */
  page: Statement<Row>
  add: Insertion<Values>
}

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')

function copyTable(table: SQLiteTable): CopyTable {
  const { name, columns, primaryKeys } = getTableConfig(table)
  const names = columns.map((column) => column.name)
  const keys = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
  const key = keys.map((column) => column.name)
  const places = key.map((column) => `@${column}`).join(', ')
  return {
    name,
    columns: names,
    key,
    start: Object.fromEntries(keys.map((column) => [column.name, column.dataType === 'string' ? '' : 0])),
    counted: keys.some((column) => 'autoIncrement' in column && column.autoIncrement === true),
    count: statement(`SELECT count(*) AS rows FROM "${name}"`),
    page: statement<Row, Values>(`
      SELECT ${quoted(names)} FROM "${name}" WHERE (${quoted(key)}) > (${places})
      ORDER BY ${quoted(key)} LIMIT @limit`),
    add: new Insertion<Values>(name, names),
  }
}

/** The tables that a table's rows refer to, itself left out. */
const referred = (table: SQLiteTable): SQLiteTable[] =>
  getTableConfig(table)
    .foreignKeys.map((key) => key.reference().foreignTable)
    .filter((other) => other !== table)

export function copyTables(): CopyTable[] {
  const ordered = new Set<SQLiteTable>()
  const place = (table: SQLiteTable): void => {
    for (const other of referred(table)) if (!ordered.has(other)) place(other)
    ordered.add(table)
  }
  for (const table of Object.values<SQLiteTable>(schema)) place(table)
  return [...ordered].map(copyTable)
}

export const placeOf = ({ key }: CopyTable, row: Row): Values =>
  Object.fromEntries(key.map((column) => [column, row[column] as Value]))

/** A row as it is on both databases: SQLite keeps flags as numbers. */
export const plain = (row: Row): Values =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'boolean' ? Number(value) : value,
    ]),
  )
