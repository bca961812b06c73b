import { readFileSync, statSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import type { JsonValue } from '../../src/store/types.js'
import { ROLES, STATUSES } from '../../src/tools/words.js'
import { type AdminBench, adminBench, scriptedIo } from '../helpers/admin.js'
import { temporaryFolder } from '../helpers/folder.js'
import { newTask, seedCrm, T0 } from '../helpers/store.js'

const { at, file, remove } = temporaryFolder()
afterAll(remove)

/** The same numbers for the same start, so that what fails can be run again. */
function randomFrom(start: number) {
  let state = start
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return { next, pick: <T>(list: readonly T[]): T => list[next(list.length)] as T }
}

type Random = ReturnType<typeof randomFrom>

const WORDS = [
  'Zürich',
  '☕',
  'a "quoted" word',
  'two\nlines',
  'tab\t',
  '\\',
  '\u2028',
  '</script>',
  '名前',
  '=1+1',
  '-0',
]

function value({ next, pick }: Random, depth = 0): JsonValue {
  const kinds = depth < 3 ? 6 : 4
  switch (next(kinds)) {
    case 0:
      return pick(WORDS)
    case 1:
      return next(2) === 0 ? -0 : next(1000) / 7
    case 2:
      return next(2) === 0
    case 3:
      return null
    case 4:
      return Array.from({ length: next(4) }, () => value({ next, pick }, depth + 1))
    default:
      return Object.fromEntries(
        Array.from({ length: next(4) }, () => [
          pick([...WORDS, '__proto__']),
          value({ next, pick }, depth + 1),
        ]),
      )
  }
}

/** A store with a life behind it: people that left, were disabled or removed, tasks that changed and went. */
async function madeUpStore(start: number): Promise<AdminBench> {
  const { next, pick } = randomFrom(start)
  const bench = await adminBench()
  const { store } = bench
  const people: number[] = []
  for (let number = 0; number < 6; number += 1) {
    const email = `person${number}@example.com`
    people.push(
      (await store.people.add({ email, name: `${pick(WORDS)} ${number}`.trim(), at: T0 + next(99) })).id,
    )
  }
  for (const slug of ['acme', 'blue', 'cedar']) {
    const { id } = await store.organizations.add({ slug, name: `${slug} ${pick(WORDS)}`.trim(), at: T0 })
    for (const userId of people.filter((_, number) => number === 0 || next(2) === 0)) {
      await store.members.add({ userId, organizationId: id, role: pick(ROLES), at: T0 + next(9) })
    }
    const there: number[] = []
    for (let number = 0; number < next(12); number += 1) {
      const actor = { userId: people[0] ?? 0, clientId: 'c', requestId: 'r', at: T0 + next(1000) }
      const task = newTask(id, {
        title: `${pick(WORDS)} ${number}`.trim(),
        description: value({ next, pick }),
        status: pick(STATUSES),
        assignee: pick([null, 'person1@example.com', 'somebody else']),
        parentTaskId: pick([null, ...there]),
        completedAt: pick([null, T0 + next(1000)]),
        ownerIds: people.filter(() => next(3) === 0),
      })
      const outcome = await store.tasks.create(actor, task)
      if (outcome.kind !== 'created') throw new Error(outcome.kind)
      there.push(outcome.task.id)
      if (next(2) === 0)
        await store.tasks.update({ ...actor, at: T0 + 2000 }, outcome.task.id, {
          title: pick(WORDS).trim() || 'x',
        })
    }
  }
  await store.people.setDisabled(people[1] ?? 0, T0 + 5)
  await store.people.remove(people[2] ?? 0)
  if (next(2) === 0) await store.organizations.remove(1)
  return bench
}

describe.each(Array.from({ length: 12 }, (_, start) => start + 1))('a made-up store, number %i', (start) => {
  test.each(['json', 'ndjson'])(
    'export → seed into an empty store → export gives the same bytes, in %s',
    async (end) => {
      const [first, again] = [at(`${start}.${end}`), at(`${start}-again.${end}`)]
      await (await madeUpStore(start)).run(['export', first])
      const empty = await adminBench()
      await empty.run(['seed', first])
      await empty.run(['export', again])
      const bytes = readFileSync(first, 'utf8')
      expect(bytes.length).toBeGreaterThan(500)
      expect(readFileSync(again, 'utf8')).toBe(bytes)
    },
  )

  test('seeding an export into the store it came from changes nothing', async () => {
    const bench = await madeUpStore(start)
    await bench.run(['export', at(`${start}-own.json`)])
    expect(await bench.run(['seed', at(`${start}-own.json`)])).toMatch(/^Nothing changed\./)
  })
})

describe('export', () => {
  test('holds no secret, and is for its owner only', async () => {
    const bench = await adminBench()
    await bench.run(
      ['users', 'add', 'ada@example.com', '--password-stdin'],
      scriptedIo({ stdin: 'a long walk, at sea' }),
    )
    await bench.run(['export', at('secret.json')])
    const hash = await bench.store.people.passwordHash(1)
    const [key] = await bench.store.keys.list()
    const text = readFileSync(at('secret.json'), 'utf8')
    expect(text).toContain('ada@example.com')
    for (const secret of [hash, key?.privateKey]) expect(text).not.toContain(secret)
    expect(statSync(at('secret.json')).mode & 0o777).toBe(0o600)
  })

  test('of an empty store is a file that can be seeded', async () => {
    const bench = await adminBench()
    expect(await bench.run(['export', at('empty.json')])).toBe(
      `Wrote 0 organizations, 0 users, 0 memberships, 0 tasks to ${at('empty.json')}.`,
    )
    expect(JSON.parse(readFileSync(at('empty.json'), 'utf8'))).toEqual({
      users: [],
      organizations: [],
      members: [],
      tasks: [],
    })
    expect(await bench.run(['seed', at('empty.json')])).toBe('Nothing changed.')
  })

  test('never replaces a file without --yes, and then wholly', async () => {
    const bench = await adminBench()
    await seedCrm(bench.store)
    const path = file('mine.json', 'mine')
    expect((await bench.refusal(['export', path])).code).toBe('USAGE')
    expect(readFileSync(path, 'utf8')).toBe('mine')
    await bench.run(['export', path, '--yes'])
    expect(readFileSync(path, 'utf8')).toMatch(/^\{\n"users": \[\n/)
  })

  test.each([
    ['a name of another format', 'x.csv', 'USAGE'],
    ['a folder that is not there', 'no/where.json', 'FAILED'],
  ])('refuses %s', async (_, name, code) => {
    expect((await (await adminBench()).refusal(['export', at(name)])).code).toBe(code)
  })
})
