import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../src/cli.js'
import { completionScript } from '../src/completion/index.js'
import { everyCommand, everyLeaf, pathOf } from './helpers/commands.js'

const program = await buildProgram({ signal: new AbortController().signal })
const script = {
  bash: completionScript('bash', program),
  zsh: completionScript('zsh', program),
  fish: completionScript('fish', program),
}

const has = (shell: string) => spawnSync(shell, ['-c', 'exit']).status === 0

/** What each shell offers for a line that is typed so far; the last word is the one being typed. */
const ASK = {
  bash: (line: string) => `${script.bash}
COMP_WORDS=(${line
    .split(' ')
    .map((word) => `'${word}'`)
    .join(' ')})
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_zuko_mcp
printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (line: string) => `compdef() { :; }
compadd() { shift; print -rl -- \${(M)@:#$PREFIX*} }
_files() { print -r -- FILES }
_describe() { local -a names=("\${(@)\${(P)2}%%:*}"); print -rl -- \${(M)names:#$PREFIX*} }
${script.zsh}
words=(${line
    .split(' ')
    .map((word) => `'${word}'`)
    .join(' ')})
CURRENT=$#words PREFIX=$words[-1]
_zuko_mcp`,
  fish: (line: string) => `${script.fish}
complete -C '${line}' | string split -f1 \\t`,
}

type Shell = keyof typeof ASK

function offered(shell: Shell, line: string): string[] {
  const { stdout, stderr } = spawnSync(shell, ['-c', ASK[shell](line)], { encoding: 'utf8', cwd: '/' })
  if (stderr !== '') throw new Error(stderr)
  return [...new Set(stdout.split('\n').filter((word) => word !== ''))].sort()
}

describe.each(Object.keys(script) as Shell[])('the script for %s', (shell) => {
  test('holds every command and every flag', () => {
    for (const command of everyCommand(program)) {
      expect(script[shell]).toContain(pathOf(command))
      for (const { long } of command.options) {
        expect(script[shell]).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long)
      }
    }
  })

  describe.skipIf(!has(shell))(`in ${shell} itself (skipped where ${shell} is not installed)`, () => {
    test('is read without a complaint', () => {
      expect(spawnSync(shell, ['-n', '-c', script[shell]], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      })
    })

    test.each([
      ['zuko-mcp s', ['serve']],
      ['zuko-mcp admin us', ['users']],
      ['zuko-mcp admin users a', ['add']],
      ['zuko-mcp admin users add --pass', ['--password-stdin']],
      ['zuko-mcp serve --role ', ['all', 'auth', 'mcp']],
      ['zuko-mcp serve --port ', []],
      ['zuko-mcp serve --demo --role a', ['all', 'auth']],
      ['zuko-mcp completion ', ['bash', 'fish', 'zsh']],
      ['zuko-mcp admin call list-tasks --status T', ['TODO']],
      ['zuko-mcp nothing zzz', []],
    ])('offers for "%s": %j', (line, words) => {
      const typed = line.slice(line.lastIndexOf(' ') + 1)
      const flags = typed.startsWith('-')
      expect(offered(shell, line).filter((word) => word.startsWith('-') === flags)).toEqual(words)
    })

    test('offers what stands below every command', () => {
      const groups = everyCommand(program).filter(({ commands }) => commands.length > 0)
      for (const group of groups) {
        expect(offered(shell, `${pathOf(group)} `)).toEqual(
          expect.arrayContaining(group.commands.map((one) => one.name())),
        )
      }
    })

    test('offers files where a file is asked for', () => {
      const leaf = everyLeaf(program).find((one) => one.registeredArguments[0]?.name() === 'file')
      const words = offered(shell, `${leaf && pathOf(leaf)} `)
      expect(words.some((word) => /^(tmp\/?|FILES)$/.test(word))).toBe(true)
    })
  })
})
