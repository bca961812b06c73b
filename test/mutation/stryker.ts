/** Mutants by Stryker, which lives in packages of this folder; they are installed when they are not there. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../helpers/sources.js'
import type { Group } from './groups.js'
import { changedLine, type Mutant } from './mutant.js'
import { TESTS_VARIABLE } from './sql.js'

const HERE = join(ROOT, 'test', 'mutation')
const PACKAGES = join(HERE, 'node_modules', '@stryker-mutator')

interface Place {
  line: number
  column: number
}
interface Report {
  files: Record<string, { source: string; mutants: ReportedMutant[] }>
}
interface ReportedMutant {
  replacement: string
  status: 'Killed' | 'Timeout' | 'Survived' | 'NoCoverage' | 'RuntimeError' | 'CompileError' | 'Ignored'
  location: { start: Place; end: Place }
}

function run(command: string, args: readonly string[], cwd: string, env = process.env): void {
  const { status } = spawnSync(command, args, { cwd, env, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`"${[command, ...args].join(' ')}" ended with ${status}.`)
}

function install(): void {
  if (existsSync(PACKAGES)) return
  // Its runner takes the vitest of the project, not one of its own.
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--legacy-peer-deps']
  const npm = process.env.npm_execpath
  if (npm) run(process.execPath, [npm, ...args], HERE)
  else run('npm', args, HERE)
}

const settingsOf = ({ files }: Group, folder: string) => ({
  testRunner: 'vitest',
  plugins: [join(PACKAGES, 'vitest-runner', 'dist', 'src', 'index.js')],
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  mutate: files,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  tempDirName: join(folder, 'sandboxes'),
  // Its reader of such files needs a TypeScript that is written in JavaScript.
  tsconfigFile: 'none.json',
  reporters: ['json'],
  jsonReporter: { fileName: join(folder, 'report.json') },
  ignorePatterns: ['dist', 'docs', 'test/*/node_modules'],
  allowConsoleColors: false,
  warnings: false,
})

/** @throws when the tests fail without a mutant */
export function mutateWithStryker(group: Group): Mutant[] {
  install()
  const folder = mkdtempSync(join(tmpdir(), 'zuko-mutation-'))
  try {
    const settings = join(folder, 'settings.json')
    writeFileSync(settings, JSON.stringify(settingsOf(group, folder)))
    const env = { ...process.env, [TESTS_VARIABLE]: group.tests.join(' ') }
    const stryker = join(PACKAGES, 'core', 'bin', 'stryker.js')
    run(process.execPath, [stryker, 'run', settings], ROOT, env)
    return mutantsOf(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Those that ran: one that is no program counts neither way. */
const mutantsOf = ({ files }: Report): Mutant[] =>
  Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants
      .filter(({ status }) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status))
      .map(({ replacement, status, location: { start, end } }) => ({
        file,
        became: changedLine(source, offset(source, start), offset(source, end), replacement),
        killed: status === 'Killed' || status === 'Timeout',
      })),
  )

/** Where a place is in a text; lines and columns count from 1. */
const offset = (source: string, { line, column }: Place): number =>
  source
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, text) => sum + text.length + 1, column - 1)
