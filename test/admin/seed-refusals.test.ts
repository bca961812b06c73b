import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench } from '../helpers/admin.js'
import { temporaryFolder } from '../helpers/folder.js'

const { at, file, remove } = temporaryFolder()
afterAll(remove)

let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
})
afterEach(async () => {
  expect(await bench.store.people.list()).toEqual([])
  expect(await bench.store.organizations.list()).toEqual([])
})

const refused = (path: string) => bench.refusal(['seed', path])

describe('seed FILE says every problem with its line, and changes nothing:', () => {
  const problems = async (path: string) => {
    const error = await refused(path)
    expect(error.code).toBe('FAILED')
    expect(error.message).toMatch(/ problems?; nothing was changed\.$/)
    return error.problems
  }

  test('fields that the tools would refuse', async () => {
    const text = `{
"users": [{"email": "ada"}],
"organizations": [{"slug": "Acme Co", "name": "Acme"},
  {"slug": "acme", "name": "Acme", "nname": 1}],
"tasks": [
  {"organization": "acme", "title": "",
   "status": "DOING"},
  {"organization": "acme", "title": "x", "createdAt": "2026-02-31T00:00:00Z"},
  7
]}`
    expect(await problems(file('fields.json', text))).toEqual([
      'line 2: email of the user is "ada"; it must be an e-mail address, such as ada@example.com',
      'line 3: slug of the organization is "Acme Co"; it must be at most 50 lower-case letters, digits and single hyphens between them',
      'line 4: there is no field "nname" in a record of organizations; use "name"',
      'line 6: title of the task is ""; it must be text of 1 to 500 characters',
      'line 7: status of the task is "DOING"; it must be one of TODO, IN_PROGRESS, DONE, CANCELLED',
      'line 8: createdAt of the task is "2026-02-31T00:00:00Z"; it must be an ISO 8601 time with Z or an offset, such as "2026-01-31T17:00:00Z"',
      'line 9: the task is 7; it must be an object',
    ])
  })

  test('names that are nowhere, with the nearest', async () => {
    const text = [
      '{"type":"organization","slug":"acme","name":"Acme"}',
      '{"type":"user","email":"ada@example.com"}',
      '{"type":"member","email":"adda@example.com","organization":"akme"}',
      '{"type":"task","organization":"acme","title":"x","createdBy":"zed@else.org"}',
    ].join('\n')
    expect(await problems(file('names.ndjson', text))).toEqual([
      'line 3: email of the member is "adda@example.com", which is neither in the file nor in the store; is "ada@example.com" meant?',
      'line 3: organization of the member is "akme", which is neither in the file nor in the store; is "acme" meant?',
      expect.stringMatching(/^line 4: createdBy of the task is "zed@else\.org", which is neither/),
      expect.stringMatching(/^line 4: owners of the task is "zed@else\.org", which is neither/),
    ])
  })

  test('what stands twice, parents that do not stand before, times that run backwards', async () => {
    const text = [
      '{"type":"organization","slug":"acme","name":"Acme"}',
      '{"type":"organization","slug":"blue","name":"Blue"}',
      '{"type":"organization","slug":"acme","name":"Again"}',
      '{"type":"task","organization":"acme","title":"x","parent":2}',
      '{"type":"task","organization":"acme","title":"x","id":2}',
      '{"type":"task","organization":"blue","title":"x","parent":2}',
      '{"type":"task","organization":"blue","title":"x","id":2}',
      '{"type":"task","organization":"blue","title":"x","createdAt":"2026-01-02T00:00Z","updatedAt":"2026-01-01T00:00Z"}',
    ].join('\n')
    expect(await problems(file('twice.ndjson', text))).toEqual([
      'line 3: the organization acme stands in line 1 already',
      'line 4: parent of the task is 2, which is not the id of a task that stands before it',
      'line 6: parent of the task is 2, which belongs to another organization',
      'line 7: the task with the id 2 stands in line 5 already',
      'line 8: updatedAt of the task is before its createdAt',
    ])
  })

  const NOT_CSV = 'it is not CSV; a quoted cell ends with a quote and a comma'
  const NO_END = 'there is a text that does not end or has a character that has to be escaped'
  const TYPES = 'user, organization, member, task'
  test.each([
    [
      'a name that stands twice',
      'x.json',
      '{\n"users": [],\n"users": []}',
      'line 3: the name "users" stands twice in one object',
    ],
    [
      'a name that stands twice deep inside',
      'x.json',
      '{"tasks":[{"description":\n{"a":1,"a":2}}]}',
      'line 2: the name "a" stands twice in one object',
    ],
    ['an unknown list', 'x.json', '{"task": []}', 'line 1: the name "task" is unknown; use "tasks"'],
    ['a list that is none', 'x.json', '{"tasks": {}}', 'line 1: tasks must be an array'],
    ['no object', 'x.json', '[]', 'line 1: the file must hold one object'],
    ['an empty file', 'x.json', '', 'line 1: it ends too early'],
    ['a comma too many', 'x.json', '{"tasks": [\n1,\n]}', 'line 3: there is something that is not JSON'],
    ['a text without an end', 'x.json', '{"tasks": ["a\n"]}', `line 1: ${NO_END}`],
    ['something behind the end', 'x.json', '{}\n\n{}', 'line 3: something stands behind the end'],
    ['too many levels', 'x.json', '['.repeat(100_000), 'line 1: there are more than 64 levels'],
    [
      'a wrong line',
      'x.ndjson',
      '{"type":"user","email":"a@b.cd"}\n{"type"}\n',
      'line 2: a colon is missing behind "type"',
    ],
    ['a line without a type', 'x.ndjson', '\n{}', `line 2: it must be an object with a "type" of ${TYPES}`],
    ['an unknown type', 'x.ndjson', '{"type":"tasc"}', 'line 1: the type "tasc" is unknown; use "task"'],
    [
      'an unknown column',
      'x.csv',
      'organization,titel\n',
      'line 1: the column "titel" is unknown; use "title"',
    ],
    ['a column that stands twice', 'x.csv', 'title,title\n', 'line 1: the column "title" stands twice'],
    [
      'a row that is too short',
      'x.csv',
      'organization,title\n"a\nb",c\nd\n',
      'line 4: it has 1 cells; the header has 2',
    ],
    ['a quote that does not end', 'x.csv', 'organization,title\na,"b\n', `line 2: ${NOT_CSV}`],
  ])('%s', async (_, name, content, problem) => {
    expect(await problems(file(name, content))).toContain(problem)
  })

  test('a lone surrogate and a NUL in a title', async () => {
    const text = [
      '{"type":"organization","slug":"a","name":"A"}',
      '{"type":"task","organization":"a","title":"\\ud800"}',
      '{"type":"task","organization":"a","title":"\\u0000"}',
    ].join('\n')
    const [two, three] = await problems(file('x.ndjson', text))
    expect(two).toMatch(/^line 2: title .* must not contain NUL or lone surrogates$/)
    expect(three).toMatch(/^line 3: title .* must not contain NUL or lone surrogates$/)
  })

  test('no more than a hundred of many', async () => {
    const text = Array.from({ length: 250 }, () => '{"type":"user"}').join('\n')
    const error = await refused(file('many.ndjson', text))
    expect(error.message).toBe('many.ndjson has 250 problems; nothing was changed.')
    expect(error.problems).toHaveLength(101)
    expect(error.problems.at(-1)).toBe('and 150 more')
  })
})

describe('seed FILE refuses in one line', () => {
  const inOneLine = async (path: string, words: string) => {
    const error = await refused(path)
    expect(error.problems).toEqual([])
    expect(error.message).toBe(`${path} ${words}; nothing was changed.`)
  }

  test('a file that is not there', () => inOneLine(at('nowhere.json'), 'does not exist'))

  test('bytes that are not UTF-8, with their line', () =>
    inOneLine(file('latin.json', Buffer.from('{\n"a": "\xe9"}', 'latin1')), 'is not UTF-8 in line 2'))

  test('UTF-16', () =>
    inOneLine(file('utf16.json', Buffer.from('\ufeff{}', 'utf16le')), 'is not UTF-8 in line 1'))

  test('a folder, whatever its name', async () => {
    mkdirSync(at('folder.json'))
    await inOneLine(at('folder.json'), 'is a folder')
  })

  test('a FIFO that nobody writes to', async () => {
    spawnSync('mkfifo', [at('fifo.json')])
    await inOneLine(at('fifo.json'), 'is not a regular file')
  })

  test('a device that never ends, behind a link', async () => {
    symlinkSync('/dev/zero', at('zero.json'))
    await inOneLine(at('zero.json'), 'is not a regular file')
  })

  test('a file of two gigabytes, without reading it', async () => {
    const path = file('huge.json', '')
    truncateSync(path, 2 ** 31)
    await inOneLine(path, 'has 2048 MiB; one transaction takes 32')
  })

  test('more records than one transaction takes', async () => {
    const path = file('long.ndjson', '{"type":"user","email":"a@b.cd"}\n'.repeat(20_001))
    expect((await refused(path)).message).toBe(
      'long.ndjson has 20001 records; one transaction takes 20000. Nothing was changed.',
    )
  })

  test('a name that does not say what kind of file it is', async () => {
    expect(await refused(at('crm.xlsx'))).toMatchObject({
      code: 'USAGE',
      fix: 'use a name that ends with .json, .ndjson, .jsonl, .csv',
    })
  })

  test('two things to seed at once', async () => {
    const error = await bench.refusal(['seed', 'a.json', '--demo'])
    expect(error.message).toBe('More than one thing to seed is named.')
  })
})
