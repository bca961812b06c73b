import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/store/engine.js'
import { postgresEngine } from '../../src/store/postgres/engine.js'
import { openPools } from '../../src/store/postgres/pool.js'
import { statement, type Work } from '../../src/store/statement.js'
import { onEvery } from '../helpers/databases.js'
import { lineTo } from '../helpers/line.js'

const TABLE = 'CREATE TABLE IF NOT EXISTS thing (id integer PRIMARY KEY, words text NOT NULL)'
const insert = statement<unknown, { id: number }>(`INSERT INTO thing (id, words) VALUES (@id, '')`)
const grow = statement<unknown, { id: number }>(`UPDATE thing SET words = words || '.' WHERE id = @id`)
const all = statement<{ id: number; words: string }>('SELECT id, words FROM thing ORDER BY id')
const wait = statement('SELECT pg_sleep(0.1)')
const locked = statement('SELECT pg_advisory_xact_lock(7)')
const timeout = statement<{ statement_timeout: string }>('SHOW statement_timeout')
const raise = (code: string) =>
  statement(`DO $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '${code}'; END $$`)

const KILL_ALL = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'zuko-mcp'`

const open = (url: URL): Engine => {
  const { pool, locks } = openPools(url)
  return postgresEngine(pool, locks)
}

onEvery(['pglite', 'postgres', 'pgbouncer'], (databases) => {
  let engine: Engine
  beforeEach(async () => {
    engine = await databases.engine()
    await engine.write(1, function* () {
      yield* statement(TABLE).run({})
      for (const id of [1, 2]) yield* insert.run({ id })
    })
  })
  const things = () => engine.read(1, () => all.all({}))

  test.each(['40001', '40P01'])('%s runs the work again from its start', async (code) => {
    let runs = 0
    await engine.write(1, function* () {
      runs += 1
      yield* grow.run({ id: 1 })
      if (runs < 3) yield* raise(code).run({})
    })
    expect([runs, (await things())[0]?.words]).toEqual([3, '.'])
  })

  test.each([
    ['40P01', 'The database is busy.'],
    ['57014', 'The database is busy.'],
    ['53300', 'The database has no place for another connection.'],
    ['53100', 'The disk of the database is full.'],
    ['57P01', 'The database does not answer.'],
  ])('%s without end is UNAVAILABLE in our own words', async (code, message) => {
    const refusal = engine.read(1, () => raise(code).run({}))
    await expect(refusal).rejects.toMatchObject({ code: 'UNAVAILABLE', message })
    expect(await things()).toHaveLength(2)
  })

  test('an error of another kind stays what it is', async () => {
    await expect(engine.write(1, () => insert.run({ id: 1 }))).rejects.toMatchObject({ code: '23505' })
  })

  test('statements have a time limit', async () => {
    expect(await engine.read(1, () => timeout.first({}))).toEqual({ statement_timeout: '5s' })
  })

  test('a read writes nothing', async () => {
    await expect(engine.read(1, () => grow.run({ id: 1 }))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  describe('over a line that breaks', () => {
    let line: Awaited<ReturnType<typeof lineTo>>
    let far: Engine
    beforeEach(async () => {
      const database = await databases.at()
      line = await lineTo(database)
      far = open(line.url)
    })
    afterEach(async () => {
      await far.close()
      await line.close()
    })

    test('a commit that is not answered is uncertain, and is not done twice', async () => {
      line.breakAt((piece, to) => to === 'client' && piece.includes('COMMIT'))
      const refusal = far.write(1, () => grow.run({ id: 1 }))
      await expect(refusal).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'The connection to the database broke while this was being saved.',
      })
      expect(await things()).toMatchObject([{ words: '.' }, { words: '' }])
    })

    test('work that never came to its commit is done again, once', async () => {
      let breaks = 2
      line.breakAt((piece, to) => to === 'server' && piece.includes('UPDATE') && breaks-- > 0)
      await far.write(1, () => grow.run({ id: 1 }))
      expect(await things()).toMatchObject([{ words: '.' }, { words: '' }])
    })

    test('a read that broke at its end is done again', async () => {
      let breaks = 1
      line.breakAt((piece, to) => to === 'client' && piece.includes('COMMIT') && breaks-- > 0)
      expect(await far.read(1, () => all.all({}))).toHaveLength(2)
    })

    test('nobody there is UNAVAILABLE', async () => {
      await far.read(1, () => all.all({}))
      await line.close()
      await expect(far.read(1, () => all.all({}))).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: 'The database does not answer.',
      })
      await expect(far.alone('door', async () => far.size())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    })
  })
})

onEvery(['postgres', 'pgbouncer'], (databases) => {
  let engine: Engine
  beforeEach(async () => {
    engine = await databases.engine()
    await engine.write(1, function* () {
      yield* statement(TABLE).run({})
      for (const id of [1, 2]) yield* insert.run({ id })
    })
  })
  const things = () => engine.read(1, () => all.all({}))

  test('of two that wait for each other one runs again', async () => {
    let runs = 0
    const both = (first: number, second: number) =>
      engine.write(1, function* () {
        runs += 1
        yield* grow.run({ id: first })
        yield* wait.run({})
        yield* grow.run({ id: second })
      })
    await Promise.all([both(1, 2), both(2, 1)])
    expect([runs, await things()]).toMatchObject([3, [{ words: '..' }, { words: '..' }]])
  })

  test('connections that broke while idle cost no call', async () => {
    const calls = () => Promise.all(Array.from({ length: 8 }, things))
    await calls()
    await databases.query(KILL_ALL)
    expect(await calls()).toHaveLength(8)
  })

  test('a connection that breaks inside of a transaction costs no call', async () => {
    let [runs, done] = [0, Promise.resolve([] as object[])]
    await engine.write(1, function* (): Work<void> {
      runs += 1
      yield* grow.run({ id: 1 })
      if (runs === 1) done = databases.query(KILL_ALL)
      if (runs === 1) yield* statement('SELECT pg_sleep(5)').run({})
    })
    await done
    expect([runs, await things()]).toMatchObject([2, [{ words: '.' }, { words: '' }]])
  })

  test('a lock whose connection breaks ends with its work, and the next has it', async () => {
    const broken = await engine.alone('door', () => databases.query(KILL_ALL))
    expect(broken.length).toBeGreaterThan(0)
    expect(await engine.alone('door', async () => 'inside')).toBe('inside')
  })

  test('two processes are alone in turn', async () => {
    const other = open(await databases.at())
    const told: string[] = []
    const turn = (name: string) => async () => {
      told.push(`${name} in`)
      await things()
      told.push(`${name} out`)
    }
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(names.map((name, at) => (at % 2 ? engine : other).alone('door', turn(name))))
    await other.close()
    for (let at = 0; at < told.length; at += 2) expect(told[at + 1]).toBe(told[at]?.replace('in', 'out'))
  })

  describe('one moment', () => {
    let counted: () => void
    let first: Promise<void>
    beforeEach(() => {
      first = new Promise((resolve) => {
        counted = resolve
      })
    })

    test('is what a read sees, whatever is written beside it', async () => {
      const other = open(await databases.at())
      let go: () => void = () => undefined
      const held = new Promise<void>((resolve) => {
        go = resolve
      })
      const writing = other.write(1, function* () {
        yield* locked.run({})
        go()
        yield* wait.run({})
      })
      await held
      const reading = engine.read(1, function* () {
        const before = yield* all.all({})
        counted()
        yield* locked.run({})
        return [before, yield* all.all({})]
      })
      await first
      await engine.write(1, () => grow.run({ id: 1 }))
      await writing
      const [before, after] = await reading
      expect(after).toEqual(before)
      expect(await things()).not.toEqual(before)
      await other.close()
    })

    test('is what a snapshot sees, however long it takes', async () => {
      const seen = await engine.snapshot(async (read) => {
        const before = await read(() => all.all({}))
        await engine.write(1, () => grow.run({ id: 1 }))
        return [before, await read(() => all.all({}))]
      })
      expect(seen[1]).toEqual(seen[0])
      expect((await things())[0]?.words).toBe('.')
    })
  })
})
