import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { sqliteEngine } from '../../src/store/sqlite/engine.js'
import { openFile } from '../../src/store/sqlite/file.js'
import { statement, type Work } from '../../src/store/statement.js'

const insert = statement<{ id: number }, { id: number; words: string }>(
  'INSERT INTO thing (id, words) VALUES (@id, @words) RETURNING id',
)
const rename = statement<unknown, { id: number; words: string }>(
  'UPDATE thing SET words = @words WHERE id = @id',
)

let folder: string
let sqlite: SQLite.Database
let engine: Engine
let other: SQLite.Database
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zuko-together-'))
  const path = join(folder, 'together.db')
  sqlite = await openFile(path)
  engine = sqliteEngine(sqlite)
  sqlite.exec('CREATE TABLE thing (id integer PRIMARY KEY, words text NOT NULL)')
  other = new SQLite(path)
})
afterEach(async () => {
  other.close()
  await engine.close()
  rmSync(folder, { recursive: true })
})

const add = (id: number, words = 'a') => engine.write(1, () => insert.first({ id, words }))
const ids = () => other.prepare('SELECT id FROM thing ORDER BY id').pluck().all()
const howAllEnd = async (...writes: Promise<unknown>[]) =>
  (await Promise.allSettled(writes)).map(({ status }) => status)

test('whoever is told that a write is done finds it committed, with those of the same round', async () => {
  const seen = await Promise.all([1, 2, 3].map((id) => add(id).then(ids)))
  expect(seen).toEqual(Array(3).fill([1, 2, 3]))
})

test('a write that is refused takes back its own rows, and no others', async () => {
  await add(1)
  const refused = engine.write(1, function* () {
    yield* insert.run({ id: 3, words: 'a' })
    yield* rename.run({ id: 2, words: 'b' })
    yield* insert.run({ id: 1, words: 'a' })
  })
  const ends = await howAllEnd(add(2), refused, add(4))
  expect(ends).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  await expect(refused).rejects.toThrow(/unique/i)
  expect(ids()).toEqual([1, 2, 4])
  expect(other.prepare('SELECT words FROM thing WHERE id = 2').pluck().get()).toBe('a')
})

test('work that throws takes back its own rows, and no others', async () => {
  const thrown = engine.write(1, function* (): Work<void> {
    yield* insert.run({ id: 2, words: 'a' })
    throw new Error('no')
  })
  expect(await howAllEnd(add(1), thrown, add(3))).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(ids()).toEqual([1, 3])
})

test('later work of a round sees what earlier work wrote, and not what was taken back', async () => {
  const all = statement<{ id: number }>('SELECT id FROM thing')
  const before = add(1)
  const refused = engine.write(1, function* (): Work<void> {
    yield* insert.run({ id: 2, words: 'a' })
    throw new Error('no')
  })
  const seen = engine.write(1, () => all.all({}))
  await howAllEnd(before, refused, seen)
  expect(await seen).toEqual([{ id: 1 }])
})

test('where the disk is full in the midst of a round nobody is told that it is done, and nothing is', async () => {
  sqlite.pragma(`max_page_count = ${sqlite.pragma('page_count', { simple: true })}`)
  const writes = [add(1), add(2, 'x'.repeat(100_000)), add(3)]
  expect(await howAllEnd(...writes)).toEqual(Array(3).fill('rejected'))
  for (const write of writes) await expect(write).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(ids()).toEqual([])
  sqlite.pragma('max_page_count = 100000')
  await add(1)
  expect(ids()).toEqual([1])
})

test('all of a round wait while another process writes', async () => {
  other.exec('BEGIN IMMEDIATE')
  const writes = [add(1), add(2)]
  setTimeout(() => other.exec('COMMIT'), 1)
  expect(await howAllEnd(...writes)).toEqual(Array(2).fill('fulfilled'))
  expect(ids()).toEqual([1, 2])
})

test('what waits when the store is closed is UNAVAILABLE', async () => {
  const late = add(1)
  await engine.close()
  await expect(late).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(ids()).toEqual([])
})
