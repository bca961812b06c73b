/**
 * Statements, and work made of them, for every database alike. Work is a generator: it yields one statement
 * after another and is given each one's outcome, so that SQLite runs it at once, inside one turn of the event
 * loop, and Postgres over a socket. A transaction is written once and means the same on both.
 */

export type Value = string | number | null
export type Values = Readonly<Record<string, Value>>

/** One statement with its values, on its way to the database. */
export interface Step {
  statement: Statement
  values: Values
}

/** `changes` counts the rows that were written, or those that were answered. */
export interface Outcome {
  rows: readonly unknown[]
  changes: number
}

export type Work<Result> = Generator<Step, Result, Outcome>

/** The text of a statement with values `@name`; where the two databases differ, one text for each. */
type Text = string | { sqlite: string; postgres: string }

/** A statement in Postgres' words: `$1`, `$2`, and which value stands for each. */
export interface Numbered {
  text: string
  names: readonly string[]
}

export function numbered(text: string): Numbered {
  const names: string[] = []
  const place = (_: string, name: string): string => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  }
  return { text: text.replace(/@(\w+)/g, place), names }
}

/**
 * A statement that answers rows of one shape. Columns are named as in the rows (`AS "updatedAt"`); numbers,
 * times in milliseconds and counts arrive as numbers. Flags differ by database: let SQL compare them.
 */
export class Statement<Row = unknown, Given extends Values = Values> {
  readonly sqlite: string
  readonly postgres: Numbered

  constructor(text: Text) {
    const { sqlite, postgres } = typeof text === 'string' ? { sqlite: text, postgres: text } : text
    this.sqlite = sqlite
    this.postgres = numbered(postgres)
  }

  /** Every row. */
  *all(values: Given): Work<Row[]> {
    return (yield { statement: this as unknown as Statement, values }).rows as Row[]
  }

  /** The first row. */
  *first(values: Given): Work<Row | undefined> {
    return (yield { statement: this as unknown as Statement, values }).rows[0] as Row | undefined
  }

  /** How many rows it wrote. */
  *run(values: Given): Work<number> {
    return (yield { statement: this as unknown as Statement, values }).changes
  }
}

// biome-ignore lint/complexity/noBannedTypes: a statement without values takes an empty object.
export const statement = <Row = unknown, Given extends Values = {}>(text: Text): Statement<Row, Given> =>
  new Statement<Row, Given>(text)
