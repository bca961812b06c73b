/**
 * Statements, and work made of them, for every database alike. Work is a generator: it yields one statement
 * after another and is given each one's outcome, so that SQLite runs it at once, inside one turn of the event
 * loop, and Postgres over a socket. A transaction is written once and means the same on both.
 */

export type Value = string | number | null
export type Values = Readonly<Record<string, Value>>

/** An object of values, an interface as well. */
type Holding<Given> = { [Name in keyof Given]: Value }

/** One statement with its values, on its way to the database; an insertion takes those of many rows. */
export interface Step {
  statement: Statement
  values: Values | readonly Values[]
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
export class Statement<Row = unknown, Given extends Holding<Given> = Values> {
  readonly sqlite: string
  readonly postgres: Numbered

  constructor(text: Text) {
    const { sqlite, postgres } = typeof text === 'string' ? { sqlite: text, postgres: text } : text
    this.sqlite = sqlite
    this.postgres = numbered(postgres)
  }

  private step(values: Given): Step {
    return { statement: this as unknown as Statement, values: values as unknown as Values }
  }

  /** Every row. */
  *all(values: Given): Work<Row[]> {
    return (yield this.step(values)).rows as Row[]
  }

  /** The first row. */
  *first(values: Given): Work<Row | undefined> {
    return (yield this.step(values)).rows[0] as Row | undefined
  }

  /** How many rows it wrote. */
  *run(values: Given): Work<number> {
    return (yield this.step(values)).changes
  }
}

// biome-ignore lint/complexity/noBannedTypes: a statement without values takes an empty object.
export const statement = <Row = unknown, Given extends Holding<Given> = {}>(
  text: Text,
): Statement<Row, Given> => new Statement<Row, Given>(text)

/** Rows that one step of an insertion adds. */
const ROWS = 500

/** Adds many rows of one table: on Postgres with one statement, on SQLite, where none is far away, one by one. */
export class Insertion<Row extends Holding<Row>, Back = unknown> {
  readonly #statement: Statement

  /** `rest` is what follows the rows: `ON CONFLICT DO NOTHING`, `RETURNING id`. */
  constructor(table: string, columns: readonly (keyof Row & string)[], rest = '') {
    const names = columns.map((column) => `"${column}"`).join(', ')
    const values = columns.map((column) => `@${column}`).join(', ')
    const given = `json_populate_recordset(NULL::"${table}", CAST(@rows AS json))`
    this.#statement = new Statement({
      sqlite: `INSERT INTO "${table}" (${names}) VALUES (${values}) ${rest}`,
      postgres: `INSERT INTO "${table}" (${names}) SELECT ${names} FROM ${given} ${rest}`,
    })
  }

  *#steps(rows: readonly Row[]): Work<Outcome[]> {
    const outcomes: Outcome[] = []
    for (let at = 0; at < rows.length; at += ROWS) {
      const values = rows.slice(at, at + ROWS) as unknown as readonly Values[]
      outcomes.push(yield { statement: this.#statement, values })
    }
    return outcomes
  }

  /** What is returned of each row that was added, in their order. */
  *all(rows: readonly Row[]): Work<Back[]> {
    return (yield* this.#steps(rows)).flatMap((outcome) => outcome.rows) as Back[]
  }

  /** How many rows it added. */
  *run(rows: readonly Row[]): Work<number> {
    return (yield* this.#steps(rows)).reduce((sum, { changes }) => sum + changes, 0)
  }
}
