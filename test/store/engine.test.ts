import { beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { Insertion, statement, type Work } from '../../src/store/statement.js'
import { KINDS, onEvery } from '../helpers/databases.js'

const insert = statement<{ id: number }, { id: number; words: string }>(
  'INSERT INTO thing (id, words, at) VALUES (@id, @words, 9007199254740991) RETURNING id',
)
const all = statement<{ id: number; words: string; at: number }>(
  'SELECT id, words, at FROM thing ORDER BY id',
)
const one = statement<{ id: number; words: string }, { id: number }>(
  'SELECT id, words FROM thing WHERE id = @id',
)
const rename = statement<unknown, { id: number; words: string }>(
  'UPDATE thing SET words = @words WHERE id = @id',
)
const count = statement<{ things: number; sum: number }>(
  'SELECT count(*) AS things, coalesce(sum(id), 0) AS sum FROM thing',
)
const grow = statement<unknown, { id: number }>(`UPDATE thing SET words = words || '.' WHERE id = @id`)

const insertion = new Insertion<{ id: number; words: string; at: number | null }, { id: number }>(
  'thing',
  ['id', 'words', 'at'],
  'ON CONFLICT DO NOTHING RETURNING id',
)

const TABLE = 'CREATE TABLE IF NOT EXISTS thing (id integer PRIMARY KEY, words text NOT NULL, at bigint)'

onEvery(KINDS, (databases) => {
  let engine: Engine
  beforeEach(async () => {
    engine = await databases.engine()
    await engine.write('operator', function* () {
      yield* statement(TABLE).run({})
    })
  })
  const things = () => engine.read('operator', () => all.all({}))
  const add = (id: number, words = 'a') => engine.write('operator', () => insert.first({ id, words }))

  test('a transaction answers rows, the first row, and how many it wrote', async () => {
    const answers = await engine.write(1, function* () {
      const made = yield* insert.first({ id: 1, words: 'é 😀 \\ $1 @x' })
      const none = yield* one.first({ id: 2 })
      const changes = [yield* rename.run({ id: 1, words: 'b' }), yield* rename.run({ id: 2, words: 'b' })]
      return { made, none, changes, rows: yield* all.all({}) }
    })
    expect(answers).toEqual({
      made: { id: 1 },
      none: undefined,
      changes: [1, 0],
      rows: [{ id: 1, words: 'b', at: Number.MAX_SAFE_INTEGER }],
    })
  })

  test('counts and sums are numbers', async () => {
    await add(1)
    await add(2)
    expect(await engine.read(1, () => count.first({}))).toEqual({ things: 2, sum: 3 })
  })

  test('text comes back as it was given', async () => {
    const words = 'é 😀 \\ $1 @x \' " \n\t\u{10ffff}'
    await add(1, words)
    expect(await things()).toMatchObject([{ words }])
  })

  test('many rows are added in their order, but for those that are there', async () => {
    await add(3, 'there')
    const rows = Array.from({ length: 1200 }, (_, at) => ({
      id: 1200 - at,
      words: `é "\\ ${at}`,
      at: at || null,
    }))
    const [back, none] = await engine.write(1, function* () {
      return [yield* insertion.all(rows), yield* insertion.run(rows)] as const
    })
    expect(back.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).filter((id) => id !== 3))
    expect(none).toBe(0)
    const kept = rows.toReversed()
    kept[2] = { id: 3, words: 'there', at: Number.MAX_SAFE_INTEGER }
    expect(await things()).toEqual(kept)
  })

  test('of many rows none is added where one is refused', async () => {
    const rows = [1, 2, 1].map((id) => ({ id, words: 'a', at: null }))
    const strict = new Insertion<(typeof rows)[number]>('thing', ['id', 'words', 'at'])
    await expect(engine.write(1, () => strict.run(rows))).rejects.toThrow(/unique/i)
    expect(await things()).toEqual([])
  })

  test('all of a transaction is taken back when it throws', async () => {
    const refusal = engine.write(1, function* (): Work<void> {
      yield* insert.run({ id: 1, words: 'a' })
      throw new Error('no')
    })
    await expect(refusal).rejects.toThrow('no')
    expect(await things()).toEqual([])
  })

  test('all of a transaction is taken back when a statement is refused', async () => {
    await add(1)
    const refusal = engine.write(1, function* () {
      yield* insert.run({ id: 2, words: 'a' })
      yield* insert.run({ id: 1, words: 'a' })
    })
    await expect(refusal).rejects.toThrow(/unique/i)
    expect(await things()).toHaveLength(1)
    expect(await add(3)).toEqual({ id: 3 })
  })

  test('a statement without a value for each name is refused', async () => {
    await expect(engine.read(1, () => one.first({} as { id: number }))).rejects.toThrow()
  })

  test('writers at once come one after another, and none is lost', async () => {
    await add(1, '')
    await Promise.all(Array.from({ length: 20 }, () => engine.write(1, () => grow.run({ id: 1 }))))
    expect(await things()).toMatchObject([{ words: '.'.repeat(20) }])
  })

  test('work under one name is done alone, also when work before it fails', async () => {
    const told: string[] = []
    const turn = (name: string) => async () => {
      told.push(`${name} in`)
      await add(name.charCodeAt(0))
      told.push(`${name} out`)
      if (name === 'b') throw new Error('b fails')
      return name
    }
    const turns = ['a', 'b', 'c'].map((name) => engine.alone('door', turn(name)))
    expect(await Promise.allSettled(turns)).toMatchObject([
      { value: 'a' },
      { reason: { message: 'b fails' } },
      { value: 'c' },
    ])
    expect(told).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  test('work under different names is done at once', async () => {
    const inner = () => engine.alone('window', async () => 'inside')
    expect(await engine.alone('door', inner)).toBe('inside')
  })

  test('it knows its size', async () => {
    expect((await engine.size()).bytes).toBeGreaterThan(0)
  })

  test('once closed it is UNAVAILABLE', async () => {
    await engine.close()
    await expect(things()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
