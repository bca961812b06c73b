import { describe, expect, test } from 'vitest'
import { functionsOf, type Import, importsOf, loadedBy, readSources, type Source } from './helpers/sources.js'

const sources = readSources()
const roomOf = (path: string): string | undefined => /^(serve|proxy|admin|connect)\//.exec(path)?.[1]

const PROGRAM = ['main.ts', 'cli.ts']

/**
 * Higher may import lower, and its equals; the program stands above its rooms. The names of the scopes import
 * nothing, and the configuration maps them.
 */
function floorOf(path: string): number {
  if (PROGRAM.includes(path)) return 3
  if (roomOf(path)) return 2
  if (path === 'tools/scopes.ts') return 0
  return /^(mcp|demo)\.ts$|^(auth|store|tools|demo|clients)\//.test(path) ? 1 : 0
}

const isFile = (target: string): boolean =>
  /\.tsx?$/.test(target) && sources.some(({ path }) => path === target)
const isPackage = (target: string, name: string): boolean => target === name || target.startsWith(`${name}/`)

/** Every import that `forbidden` names, as "file → target". */
const breaches = (forbidden: (source: Source, one: Import) => boolean): string[] =>
  sources.flatMap((source) =>
    source.imports.filter((one) => forbidden(source, one)).map((one) => `${source.path} → ${one.target}`),
  )

/** Every line that matches, as "file:line text". */
const linesThat = (match: RegExp, among: (path: string) => boolean): string[] =>
  sources
    .filter(({ path }) => among(path))
    .flatMap(({ path, lines }) =>
      lines.flatMap((line, index) => (match.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
    )

/** Where each package may be imported; a prefix of the path. */
const HOMES: Record<string, string[]> = {
  'drizzle-orm': ['store/'],
  'better-sqlite3': ['store/'],
  pg: ['store/'],
  express: ['serve/'],
  ink: ['admin/ui/'],
  react: ['admin/ui/'],
  commander: ['cli.ts', 'admin/', 'proxy/command.ts', 'connect/command.ts'],
  'jsonc-parser': ['connect/'],
  'smol-toml': ['connect/'],
  'openid-client': ['proxy/'],
  '@opentelemetry': ['serve/'],
}

/** What a local client waits for when it starts `zuko-mcp proxy`, and what must not be in it. */
const HOT = [
  'main.ts',
  'cli.ts',
  'config.ts',
  'tools/index.ts',
  'proxy/start.ts',
  'proxy/command.ts',
  'proxy/actions.ts',
  'proxy/index.ts',
]
const HEAVY = [
  'express',
  'better-auth',
  'drizzle-orm',
  'better-sqlite3',
  'pg',
  'ink',
  'react',
  '@modelcontextprotocol/server',
  '@opentelemetry',
  'openid-client',
]

const FILE_LINES = 250
const FUNCTION_LINES = 60

describe('the house', () => {
  test('every import of our own leads to a file', () => {
    expect(breaches((_, { target }) => /\.tsx?$/.test(target) && !isFile(target))).toEqual([])
  })

  test('rooms do not import one another', () => {
    expect(
      breaches(({ path }, { target }) => {
        const [from, to] = [roomOf(path), roomOf(target)]
        return from !== undefined && to !== undefined && from !== to
      }),
    ).toEqual([])
  })

  test('imports run downwards: cli, rooms, shared ground, foundation', () => {
    expect(breaches(({ path }, { target }) => isFile(target) && floorOf(target) > floorOf(path))).toEqual([])
  })

  test('the program reads a room only when its command is called', () => {
    expect(
      breaches(
        ({ path }, one) => PROGRAM.includes(path) && floorOf(one.target) === 2 && one.runtime && !one.dynamic,
      ),
    ).toEqual([])
  })

  test('tools import zod, errors.ts and themselves; all else by type', () => {
    const allowed = (target: string) =>
      target === 'zod' || target === 'errors.ts' || target.startsWith('tools/')
    expect(
      breaches(({ path }, { target, runtime }) => path.startsWith('tools/') && runtime && !allowed(target)),
    ).toEqual([])
  })

  test.each(HOT.filter((path) => isFile(path)))('%s loads nothing heavy', (entry) => {
    const loaded = [...loadedBy([entry], sources)]
    expect(loaded.filter((target) => HEAVY.some((name) => isPackage(target, name)))).toEqual([])
  })

  test.each(Object.entries(HOMES))('%s is imported only under %s', (name, homes) => {
    expect(
      breaches(
        ({ path }, { target }) => isPackage(target, name) && !homes.some((home) => path.startsWith(home)),
      ),
    ).toEqual([])
  })

  test.each([
    ['store/open.ts', ['better-sqlite3', 'pg']],
    ['store/sqlite/open.ts', ['pg']],
    ['store/postgres/open.ts', ['better-sqlite3']],
  ])('%s loads no driver but its own', (entry, others) => {
    const loaded = [...loadedBy([entry], sources)]
    const isDriver = (target: string) =>
      others.some((name) => isPackage(target, name)) ||
      (others.includes('better-sqlite3') && target === 'drizzle-orm/better-sqlite3')
    expect(loaded.filter(isDriver)).toEqual([])
  })

  test('SQL is written only under store/', () => {
    const sql = /\b(SELECT\s.+\sFROM|INSERT\s(OR\s\w+\s)?INTO|DELETE\sFROM|UPDATE\s\w+\sSET|PRAGMA)\b/
    expect(linesThat(sql, (path) => !path.startsWith('store/'))).toEqual([])
  })

  test('process.env is read only in config.ts, and for the bridge in environment.ts', () => {
    const readers = ['config.ts', 'environment.ts']
    expect(linesThat(/process\.env\b/, (path) => !readers.includes(path))).toEqual([])
  })

  test('nothing ends the process by force but the bridge, which a host waits for', () => {
    const others = (path: string) => path !== 'proxy/actions.ts'
    expect(linesThat(/process\.(exit|abort|reallyExit)\b(?!Code)/, others)).toEqual([])
  })

  test('stdout belongs to the program, admin/io.ts and the writer of the bridge', () => {
    const writers = [...PROGRAM, 'admin/io.ts', 'proxy/writer.ts']
    const stdout = /process\.stdout|console\.(log|info|debug|table)|\bstdout\b.*\.write/
    expect(linesThat(stdout, (path) => !writers.includes(path))).toEqual([])
  })

  test('an error of ours is told by isZukoError, since the bundled bridge has a class of its own', () => {
    expect(linesThat(/instanceof ZukoError\b/, () => true)).toEqual([])
  })

  test('no module keeps state of its own', () => {
    const state =
      /^(export )?((let|var) |const [^=]+= (new (Map|Set|WeakMap|WeakSet)(<[^(]*>)?\(\)|\[\]|\{\})( as .*)?$)/
    expect(linesThat(state, () => true)).toEqual([])
  })

  test(`files end before line ${FILE_LINES}`, () => {
    const long = sources.filter(({ lines }) => lines.length > FILE_LINES)
    expect(long.map(({ path, lines }) => `${path} has ${lines.length} lines; split it by noun`)).toEqual([])
  })

  test(`functions end before line ${FUNCTION_LINES}`, () => {
    const long = sources.flatMap(({ path, lines }) =>
      functionsOf(lines)
        .filter(({ length }) => length > FUNCTION_LINES)
        .map(({ line, length }) => `${path}:${line} has ${length} lines; split it`),
    )
    expect(long).toEqual([])
  })
})

describe('the scanner that these rules rest on', () => {
  test('tells static, dynamic and type-only imports apart', () => {
    const text = [
      "import { a,\n  type B } from './errors.js'",
      "import type { C } from 'zod'",
      "export * from './log.js'",
      "const d = await import('express')",
      "type E = typeof import('ink')",
    ].join('\n')
    expect(importsOf('cli.ts', text)).toEqual([
      { target: 'errors.ts', runtime: true, dynamic: false },
      { target: 'zod', runtime: false, dynamic: false },
      { target: 'log.ts', runtime: true, dynamic: false },
      { target: 'express', runtime: true, dynamic: true },
      { target: 'ink', runtime: false, dynamic: true },
    ])
  })

  test('measures functions and arrows, not loops and conditions', () => {
    const text = [
      'function a(): void {',
      '  if (b) {',
      '  }',
      '}',
      'const c = () => {',
      '}',
      'for (;;) {',
      '}',
    ]
    expect(functionsOf(text)).toEqual([
      { line: 1, length: 4 },
      { line: 5, length: 2 },
    ])
  })

  test('finds the whole program', () => {
    expect(sources.length).toBeGreaterThan(30)
    expect(loadedBy(['cli.ts'], sources)).toContain('commander')
  })
})
