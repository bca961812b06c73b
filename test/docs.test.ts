import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../src/cli.js'
import { ENVIRONMENT_NAMES, readConfig } from '../src/config.js'
import { TOOLS } from '../src/tools/index.js'
import { everyLeaf, pathOf } from './helpers/commands.js'
import { anchorsOf, codeOf, localLinksOf, tableUnder } from './helpers/markdown.js'
import { ROOT, readSources } from './helpers/sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const readme = read('README.md')
const code = codeOf(readme)
const program = await buildProgram({ signal: new AbortController().signal })

/** A command line that a page shows: the command it calls, and the flags that it gives. */
interface Shown {
  line: string
  command: Command
  flags: string[]
}

/** Follows the words of a line down the commands. An unknown word below a group of commands is a mistake. */
function commandOf(words: readonly string[], line: string): Command {
  let command = program
  for (const word of words) {
    if (command.commands.length === 0 || /^[-[<…]/.test(word)) break
    const next = command.commands.find((below) => below.name() === word)
    if (!next && command.registeredArguments.length > 0) break
    if (!next) throw new Error(`"${line}" is shown, but ${pathOf(command)} has no command "${word}".`)
    command = next
  }
  return command
}

/** The program is called with words behind its name; in a path, a package or a unit it is no command. */
const CALL = /(?:^|[\s(])zuko-mcp((?: [^\s)`;&]+)+)/g

const linesOf = (code: readonly string[]): Shown[] =>
  code.flatMap((line) =>
    [...line.matchAll(CALL)].map(([, words = '']) => ({
      line,
      command: commandOf(words.trim().split(' '), line),
      flags: [...words.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag),
    })),
  )

const shown = linesOf(code)

const flagsOf = (command: Command): string[] => command.options.map(({ long }) => long ?? '')

describe('README.md', () => {
  test.each(everyLeaf(program).map((command) => [pathOf(command), command] as const))(
    'shows %s with every flag it has',
    (_, command) => {
      const flags = shown.filter((one) => one.command === command).flatMap((one) => one.flags)
      expect(shown.some((one) => one.command === command)).toBe(true)
      expect(flagsOf(command).filter((flag) => !flags.includes(flag))).toEqual([])
    },
  )

  test('has a row for every variable, and for none that is not read', () => {
    const rows = tableUnder(readme, 'Configuration').map(([name = '']) => name.replaceAll('`', ''))
    expect([...rows].sort()).toEqual([...ENVIRONMENT_NAMES].sort())
  })

  test('gives the defaults that hold', () => {
    const defaults = new Map(
      tableUnder(readme, 'Configuration').map(([name = '', value = '']) => [name, value]),
    )
    const { backendUrl, mcpUrl, rateLimit, trustProxy, logLevel } = readConfig({})
    expect(defaults.get('`BACKEND_URL`')).toBe(`\`${backendUrl}\``)
    expect(defaults.get('`ZUKO_MCP_URL`')).toBe(`\`${mcpUrl}\``)
    expect(defaults.get('`RATE_LIMIT`')).toBe(`\`${rateLimit?.perSecond}/s burst ${rateLimit?.burst}\``)
    expect(defaults.get('`TRUST_PROXY`')).toBe(`\`${trustProxy}\``)
    expect(defaults.get('`LOG_LEVEL`')).toBe(`\`${logLevel}\``)
  })

  test('lists every tool with its scope, in the order that clients see', () => {
    const rows = tableUnder(readme, 'Tools').map(([name = '', scope = '']) => [name, scope])
    expect(rows).toEqual(TOOLS.map(({ name, scope }) => [`\`${name}\``, `\`${scope}\``]))
  })
})

/** What stands in capitals on the pages and is no variable of ours. */
const NO_VARIABLES = new Set(['IN_PROGRESS', 'NOT_FOUND', 'RATE_LIMITED', 'INVALID_ARGUMENT'])
/** Variables of everybody, and what belongs to a client, a test or a tool that a page speaks of. */
const OTHERS = /^(HTTPS?_PROXY|NO_PROXY|NODE_EXTRA_CA_CERTS|NODE_ENV|OTEL_[A-Z_]+|MCP_INSPECTOR_[A-Z_]+)$/

const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
const NPM_ITSELF = ['install', 'ci', 'exec', 'pack', 'publish']

const PAGES = ['.', 'docs', 'docs/clients', 'src']
  .filter((folder) => existsSync(join(ROOT, folder)))
  .flatMap((folder) => readdirSync(join(ROOT, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith('.md') || path === 'llms.txt')

describe.each(PAGES)('%s', (page) => {
  const text = read(page)
  // Headings of the troubleshooting page are messages, which may speak of the program.
  const code = codeOf(text.replace(/^### .*$/gm, ''))

  test('shows no command and no flag that does not exist', () => {
    const known = (command: Command) => [...flagsOf(command), '--help']
    const unknown = linesOf(code).flatMap(({ line, command, flags }) =>
      flags.filter((flag) => !known(command).includes(flag)).map((flag) => `${flag} in "${line}"`),
    )
    expect(unknown).toEqual([])
  })

  test('names no variable that is not read', () => {
    const names = code.flatMap((line) =>
      [...line.matchAll(/(?<![\w./-])([A-Z]+(?:_[A-Z]+)+)(?![\w-])/g)].map(([, name = '']) => name),
    )
    const known = (name: string) =>
      NO_VARIABLES.has(name) || OTHERS.test(name) || ENVIRONMENT_NAMES.some((one) => one === name)
    expect(names.filter((name) => !known(name))).toEqual([])
  })

  test('names no npm script that does not exist', () => {
    const named = code.flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run )?([a-z:]+)/g)].map(([, name = '']) => name),
    )
    expect(named.filter((name) => !(name in scripts) && !NPM_ITSELF.includes(name))).toEqual([])
  })

  test('has links that lead to files, and to headings that are there', () => {
    const broken = localLinksOf(text).filter((link) => {
      const [file = '', heading] = link.split('#')
      const path = file === '' ? page : join(dirname(page), file)
      if (!existsSync(join(ROOT, path))) return true
      return heading !== undefined && !anchorsOf(read(path)).includes(heading)
    })
    expect(broken).toEqual([])
  })
})

const words = readSources()
  .map(({ text }) => text)
  .join('\n')

describe('docs/troubleshooting.md', () => {
  const symptoms = [...read('docs/troubleshooting.md').matchAll(/^### .*`(.+)`/gm)].map(
    ([, symptom = '']) => symptom,
  )

  test.each(symptoms)('"%s" is what the program says', (symptom) => {
    const parts = symptom
      .replace(/^[A-Z_]+: /, '')
      .split('…')
      .map((part) => part.trim())
    expect(parts.filter((part) => part.length > 3 && !words.includes(part))).toEqual([])
  })
})

test('src/README.md, the map, names everything that stands in src', () => {
  const map = read('src/README.md')
  const there = readdirSync(join(ROOT, 'src')).filter((name) => name !== 'README.md')
  expect(there.filter((name) => !map.includes(`(${name})`) && !map.includes(`(${name}/`))).toEqual([])
})
