import { describe, expect, test } from 'vitest'
import { ZukoError } from '../../src/errors.js'
import { errorText, parseInput, toolByName } from '../../src/tools/index.js'
import { nearest } from '../../src/tools/nearest.js'

function parse(name: string, args: unknown) {
  const tool = toolByName(name)
  if (!tool) throw new Error(name)
  return parseInput(tool, args)
}

function refusal(name: string, args: unknown): string {
  try {
    parse(name, args)
  } catch (error) {
    return errorText(error, 'r1')
  }
  throw new Error(`${name} took ${JSON.stringify(args)}`)
}

describe('arguments are understood', () => {
  test('as none when there are none', () => {
    expect(parse('list_organizations', undefined)).toEqual({})
    expect(parse('list_tasks', undefined)).toEqual({})
  })

  test('with a trimmed title and TODO as the first status', () => {
    expect(parse('create_task', { title: '  Call \n' })).toEqual({ title: 'Call', status: 'TODO' })
  })

  test.each([
    ['2026-01-31T17:00:00Z', '2026-01-31T17:00:00.000Z'],
    ['2026-01-31T17:00:00.123456+02:00', '2026-01-31T15:00:00.123Z'],
    ['2026-01-31T17:00-11:30', '2026-02-01T04:30:00.000Z'],
    ['2028-02-29T23:59:59.999Z', '2028-02-29T23:59:59.999Z'],
  ])('with the time %s', (completedAt, expected) => {
    const parsed = parse('update_task', { taskId: 1, completedAt })
    expect(new Date(Number(parsed.completedAt)).toISOString()).toBe(expected)
  })

  test('with a title of 500 characters, counted as people count', () => {
    expect(parse('create_task', { title: '😀'.repeat(500) })).toMatchObject({ title: '😀'.repeat(500) })
  })

  test('with null where null clears', () => {
    const nulls = { description: null, assignee: null, completedAt: null }
    expect(parse('update_task', { taskId: 1, ...nulls })).toEqual({ taskId: 1, ...nulls })
  })
})

describe('a refusal says what is wrong and what would be right', () => {
  const ID = 'must be an integer from 1 to 2147483647'
  const ISO = 'must be an ISO 8601 time with Z or an offset, such as "2026-01-31T17:00:00Z"'
  const TITLE = 'title must be text of 1 to 500 characters'
  const rows: [name: string, args: unknown, wrong: string, right: string][] = [
    ['get_task', {}, 'taskId is missing', `taskId ${ID}`],
    ['get_task', { taskId: '1' }, 'taskId is "1"', `taskId ${ID}`],
    ['get_task', { taskId: 0 }, 'taskId is 0', `taskId ${ID}`],
    ['get_task', { taskId: -1 }, 'taskId is -1', `taskId ${ID}`],
    ['get_task', { taskId: 1.5 }, 'taskId is 1.5', `taskId ${ID}`],
    ['get_task', { taskId: 2 ** 31 }, 'taskId is 2147483648', `taskId ${ID}`],
    ['get_task', { taskId: 2 ** 53 + 2 }, 'taskId is 9007199254740994', `taskId ${ID}`],
    ['get_task', { taskId: [1] }, 'taskId is an array', `taskId ${ID}`],
    ['get_task', { taskId: { $ne: 1 } }, 'taskId is an object', `taskId ${ID}`],
    ['get_task', { taskId: null }, 'taskId is null', `taskId ${ID}`],
    ['get_task', { id: 1 }, 'get_task has no argument "id"', 'use "taskId" instead of "id"'],
    ['get_task', { taskId: 1, x: 1 }, 'get_task has no argument "x"', 'leave "x" out: it takes taskId'],
    ['list_organizations', { page: 1 }, 'has no argument "page"', 'leave "page" out: it takes no arguments'],
    ['list_tasks', { organisationId: 1 }, 'has no argument "organisationId"', 'use "organizationId"'],
    ['list_tasks', { organization_id: 1 }, 'has no argument "organization_id"', 'use "organizationId"'],
    [
      'list_tasks',
      { status: 'done' },
      'status is "done"',
      'status must be one of TODO, IN_PROGRESS, DONE, CANCELLED',
    ],
    ['create_task', { title: ' \t ' }, 'title is " \\t "', TITLE],
    ['create_task', { title: 'x'.repeat(501) }, 'title is a text of 501 characters', TITLE],
    ['create_task', { title: 7 }, 'title is 7', TITLE],
    [
      'create_task',
      { title: 'a\0b' },
      'title is "a\\u0000b"',
      'title must not contain NUL or lone surrogates',
    ],
    ['create_task', { title: 'a\ud800' }, 'title is', 'title must not contain NUL or lone surrogates'],
    ['create_task', { title: 'a', id: 4 }, 'create_task has no argument "id"', 'leave "id" out'],
    ['create_task', { title: 'a', createdBy: 4 }, 'create_task has no argument "createdBy"', 'leave'],
    ['create_task', { title: 'a', idempotencyKey: '' }, 'idempotencyKey is ""', 'of 1 to 200 characters'],
    ['create_task', { title: 'a', assignee: '' }, 'assignee is ""', 'of 1 to 320 characters'],
    ['update_task', { taskId: 1, title: null }, 'title is null', TITLE],
    ['update_task', { taskId: 1, status: null }, 'status is null', 'status must be one of TODO'],
    ['update_task', { taskId: 1, completedAt: '2026-01-31' }, 'completedAt is "2026-01-31"', ISO],
    ['update_task', { taskId: 1, completedAt: '2026-01-31T17:00:00' }, 'completedAt is', ISO],
    ['update_task', { taskId: 1, completedAt: '2026-02-31T17:00:00Z' }, 'completedAt is', ISO],
    ['update_task', { taskId: 1, completedAt: '2026-01-31T25:00:00Z' }, 'completedAt is', ISO],
    ['update_task', { taskId: 1, completedAt: 'tomorrow' }, 'completedAt is "tomorrow"', ISO],
    ['update_task', { taskId: 1, completedAt: 1769878800000 }, 'completedAt is 1769878800000', ISO],
    ['update_task', { taskId: 1, title: 'a', expectedUpdatedAt: null }, 'expectedUpdatedAt is null', ISO],
    ['update_task', { taskId: 1 }, 'no field to change', 'at least one of title, description, status'],
    ['update_task', { taskId: 1, expectedUpdatedAt: '2026-01-31T17:00:00Z' }, 'no field', 'at least one of'],
    ['get_task', [1], 'The arguments are an array', 'pass an object of named arguments'],
    ['get_task', null, 'The arguments are null', 'pass an object of named arguments'],
    ['get_task', '{"taskId":1}', 'The arguments are "{', 'pass an object of named arguments'],
  ]
  test.each(rows)('%s %j', (name, args, wrong, right) => {
    const text = refusal(name, args)
    expect(text).toMatch(/^INVALID_ARGUMENT: .*\. Fix: .*\.$/s)
    const [said, fix] = text.split(' Fix: ')
    expect(said).toContain(wrong)
    expect(fix).toContain(right)
  })

  test('an own __proto__ is an unknown argument like any other', () => {
    const args = JSON.parse('{"taskId":1,"__proto__":{"polluted":true}}')
    expect(refusal('get_task', args)).toContain('get_task has no argument "__proto__"')
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('every problem is named at once', () => {
    const text = refusal('create_task', { titel: 'x', status: 'todo', parentTaskId: 0 })
    for (const name of ['titel', 'title is missing', 'status is', 'parentTaskId is 0'])
      expect(text).toContain(name)
  })
})

describe('the nearest known word', () => {
  const known = ['taskId', 'title', 'organizationId', 'description', 'status']
  test.each([
    ['titel', 'title'],
    ['Title', 'title'],
    ['task_id', 'taskId'],
    ['organization', 'organizationId'],
    ['desc', 'description'],
    ['satus', 'status'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
    ['x'.repeat(10_000), undefined],
  ])('to %s is %s', (word, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })
})

describe('the text of an error', () => {
  test('has code, what is wrong and what to do', () => {
    const error = new ZukoError('NOT_FOUND', 'No such thing.', { fix: 'look again' })
    expect(errorText(error, 'r1')).toBe('NOT_FOUND: No such thing. Fix: look again.')
  })

  const secret = 'SQLITE_CORRUPT at /var/lib/zuko.db'
  test.each([
    new Error(secret),
    new TypeError(secret),
    new ZukoError('FAILED', secret, { fix: secret }),
    new ZukoError('INTERNAL', secret),
    new ZukoError('UNAVAILABLE', 'The store cannot be read.', { cause: new Error(secret) }),
    secret,
    undefined,
  ])('tells nothing but the reference of %s', (error) => {
    const text = errorText(error, 'request-7')
    expect(text).toMatch(/^INTERNAL: .*request-7.* Fix: /)
    expect(text).not.toContain('zuko.db')
  })
})
