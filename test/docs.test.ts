import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../src/cli.js'
import { ENVIRONMENT_NAMES, readConfig } from '../src/config.js'
import { TOOLS } from '../src/tools/index.js'
import { everyLeaf, pathOf } from './helpers/commands.js'
import { codeOf, localLinksOf, tableUnder } from './helpers/markdown.js'
import { ROOT } from './helpers/sources.js'

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const readme = read('README.md')
const code = codeOf(readme)
const program = await buildProgram({ signal: new AbortController().signal })

/** A command line that the README shows: the command it calls, and the flags that it gives. */
interface Shown {
  line: string
  command: Command
  flags: string[]
}

/** Follows the words of a line down the commands. An unknown word below a group of commands is a mistake. */
function commandOf(words: readonly string[], line: string): Command {
  let command = program
  for (const word of words) {
    if (command.commands.length === 0 || word.startsWith('-') || word.startsWith('[')) break
    const next = command.commands.find((below) => below.name() === word)
    if (!next && command.registeredArguments.length > 0) break
    if (!next) throw new Error(`README.md shows "${line}", but ${pathOf(command)} has no command "${word}".`)
    command = next
  }
  return command
}

const shown: Shown[] = code.flatMap((line) =>
  [...line.matchAll(/(?:^|[\s(])zuko-mcp((?: [^\s)`;&]+)+)/g)].map(([, words = '']) => ({
    line,
    command: commandOf(words.trim().split(' '), line),
    flags: [...words.matchAll(/--[a-z][a-z-]*/g)].map(([flag]) => flag),
  })),
)

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

  test('shows no flag that its command does not have', () => {
    const known = (command: Command) => [...flagsOf(command), '--help']
    const unknown = shown.flatMap(({ line, command, flags }) =>
      flags.filter((flag) => !known(command).includes(flag)).map((flag) => `${flag} in "${line}"`),
    )
    expect(unknown).toEqual([])
  })

  test('has a row for every variable, and for none that is not read', () => {
    const rows = tableUnder(readme, 'Configuration').map(([name = '']) => name.replaceAll('`', ''))
    expect([...rows].sort()).toEqual([...ENVIRONMENT_NAMES].sort())
  })

  test('names no other variable anywhere', () => {
    const names = code.flatMap((line) =>
      [...line.matchAll(/\b([A-Z]+(?:_[A-Z]+)+)\b/g)].map(([name]) => name),
    )
    const statuses = ['IN_PROGRESS']
    const everybodys = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS']
    const known = [...ENVIRONMENT_NAMES, ...statuses, ...everybodys]
    expect(names.filter((name) => !known.includes(name))).toEqual([])
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

  test('names no npm script that does not exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = code.flatMap((line) =>
      [...line.matchAll(/\bnpm (?:run )?([a-z:]+)/g)].map(([, name = '']) => name),
    )
    const others = ['install', 'ci', 'exec', 'pack']
    expect(named.filter((name) => !(name in scripts) && !others.includes(name))).toEqual([])
  })
})

describe('every link', () => {
  test.each(
    ['README.md', 'src/README.md'].flatMap((page) =>
      localLinksOf(read(page)).map((link) => [page, link] as const),
    ),
  )('%s → %s leads to a file', (page, link) => {
    expect(existsSync(join(ROOT, dirname(page), link))).toBe(true)
  })
})

test('src/README.md, the map, names everything that stands in src', () => {
  const map = read('src/README.md')
  const there = readdirSync(join(ROOT, 'src')).filter((name) => name !== 'README.md')
  expect(there.filter((name) => !map.includes(`(${name})`) && !map.includes(`(${name}/`))).toEqual([])
})
