import { createHash } from 'node:crypto'
import type { Database } from '../database-url.js'
import { ZukoError } from '../errors.js'
import { IS_LEDGER, LEDGER, NO_LEDGER, NOTE, NOTED } from './copy-ledger.js'
import { type CopyTable, copyTables, placeOf, plain, type Row } from './copy-tables.js'
import type { Engine, Read } from './engine.js'
import { openEngine } from './open.js'
import { statement, type Values } from './statement.js'

/** Rows in one transaction, and in memory at once. */
const BATCH = 500

export interface Copied {
  /** Rows of each table. */
  rows: Record<string, number>
  /** SHA-256 over every row of every table, in the order of their keys: the same on both sides. */
  checksum: string
  /** How many rows had been there from a copy that was cut short. */
  resumed: number
}

export interface CopyProgress {
  /** Told after each batch; ends the copying by throwing. Every row counts twice: copied, then compared. */
  seen(done: number, all: number): void
}

/** @throws ZukoError FAILED when `target` holds rows that no unfinished copy put there */
async function refuseRows(target: Engine, tables: CopyTable[]): Promise<void> {
  const filled = await target.read('operator', function* () {
    for (const table of tables) if (yield* table.page.first({ ...table.start, limit: 1 })) return table.name
    return undefined
  })
  if (filled === undefined) return
  throw new ZukoError('FAILED', `The target holds rows already (table ${filled}); nothing was changed.`, {
    fix: 'name an empty database or a file that does not exist yet',
  })
}

type Noted = Map<string, { place: Values; copied: number }>

/** Where an earlier copy came to; makes the ledger of a new one. */
async function begin(target: Engine, tables: CopyTable[]): Promise<Noted> {
  const underway = await target.read('operator', () => IS_LEDGER.first({}))
  if (!underway?.found) {
    await refuseRows(target, tables)
    await target.write('operator', () => LEDGER.run({}))
  }
  const noted = await target.read('operator', () => NOTED.all({}))
  return new Map(
    noted.map(({ tableName, place, copied }) => [tableName, { place: JSON.parse(place), copied }]),
  )
}

const page = (read: Read, table: CopyTable, place: Values): Promise<Row[]> =>
  read(() => table.page.all({ ...place, limit: BATCH }))

/** Adds the rows of one table that are not there yet, batch by batch. */
async function copyTable(
  read: Read,
  target: Engine,
  table: CopyTable,
  noted: Noted,
  seen: (rows: number) => void,
) {
  let { place, copied } = noted.get(table.name) ?? { place: table.start, copied: 0 }
  for (;;) {
    const rows = (await page(read, table, place)).map(plain)
    const last = rows.at(-1)
    if (!last) return
    place = placeOf(table, last)
    copied += rows.length
    const note = { table: table.name, place: JSON.stringify(place), copied }
    await target.write('operator', function* () {
      yield* table.add.run(rows)
      yield* NOTE.run(note)
    })
    seen(rows.length)
  }
}

const differs = (table: string) =>
  new ZukoError('FAILED', `The table ${table} is not the same on both sides; the copy is not to be used.`, {
    fix: 'begin again with an empty target, and no server writing to the source where a copy is to be resumed',
  })

/** Reads both sides once more, row by row. */
async function compare(
  read: Read,
  copy: Read,
  table: CopyTable,
  seen: (rows: Row[]) => void,
): Promise<number> {
  let [place, compared] = [table.start, 0]
  for (;;) {
    const [rows, same] = await Promise.all([page(read, table, place), page(copy, table, place)])
    const texts = rows.map((row) => JSON.stringify(plain(row)))
    if (same.length !== rows.length) throw differs(table.name)
    if (same.some((row, index) => JSON.stringify(plain(row)) !== texts[index])) throw differs(table.name)
    const last = rows.at(-1)
    if (!last) return compared
    place = placeOf(table, last)
    compared += rows.length
    seen(rows)
  }
}

/** Lets ids go on after the highest that was copied; SQLite does so by itself. */
async function countOn(target: Engine, tables: CopyTable[]): Promise<void> {
  if (target.dialect === 'sqlite') return
  const statements = tables
    .filter(({ counted }) => counted)
    .map(({ name }) =>
      statement(`
        SELECT setval(pg_get_serial_sequence('"${name}"', 'id'), coalesce((SELECT max(id) FROM "${name}"), 0) + 1, false)`),
    )
  await target.write('operator', function* () {
    for (const one of statements) yield* one.run({})
  })
}

const total = async (read: Read, tables: CopyTable[]): Promise<number> =>
  read(function* () {
    let rows = 0
    for (const table of tables) rows += (yield* table.count.first({}))?.rows ?? 0
    return rows
  })

/**
 * Copies every row of one moment of `source` into `target`, which must be empty or hold what an earlier copy
 * left that was cut short, and compares both sides row by row afterwards. Memory holds one batch at a time.
 * @throws ZukoError FAILED when the target holds other rows, or both sides are not the same in the end
 */
export async function copyStore(source: Engine, target: Engine, progress: CopyProgress): Promise<Copied> {
  const tables = copyTables()
  const noted = await begin(target, tables)
  const resumed = [...noted.values()].reduce((sum, { copied }) => sum + copied, 0)
  return source.snapshot(async (read) => {
    const all = 2 * (await total(read, tables))
    let done = resumed
    const seen = (rows: number) => {
      done += rows
      progress.seen(done, all)
    }
    for (const table of tables) await copyTable(read, target, table, noted, seen)
    await countOn(target, tables)
    const hash = createHash('sha256')
    const rows: Copied['rows'] = {}
    await target.snapshot(async (copy) => {
      for (const table of tables) {
        rows[table.name] = await compare(read, copy, table, (compared) => {
          for (const row of compared) hash.update(`${JSON.stringify(plain(row))}\n`)
          seen(compared.length)
        })
      }
    })
    await target.write('operator', () => NO_LEDGER.run({}))
    return { rows, checksum: hash.digest('hex'), resumed }
  })
}

/** The same between two places; each is opened, and closed again. */
export async function copyBetween(from: Database, to: Database, progress: CopyProgress): Promise<Copied> {
  const source = await openEngine(from)
  try {
    const target = await openEngine(to)
    try {
      return await copyStore(source, target, progress)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
