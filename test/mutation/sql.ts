/** Mutants of queries, which Stryker takes for mere text: one condition left out. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../helpers/sources.js'
import type { Group } from './groups.js'
import { changedLine, type Mutant } from './mutant.js'

export const TESTS_VARIABLE = 'ZUKO_MUTATION_TESTS'
/** `src/store/members.ts:3` leaves out the condition with index 3. */
export const MUTANT_VARIABLE = 'ZUKO_SQL_MUTANT'

const OPERAND = String.raw`(?:@\w+|[\w."]+)(?:\((?:[^()]|\([^()]*\))*\))?`
const CONDITION = new RegExp(
  String.raw`(?<=\b(?:WHERE|AND|ON)\s+)${OPERAND}\s*(?:=|<>|<=|>=|<|>)\s*${OPERAND}`,
  'g',
)

const conditions = (source: string) =>
  [...source.matchAll(CONDITION)].map((match) => ({ start: match.index, end: match.index + match[0].length }))

/** The source without that condition; undefined where the variable names another file, or none. */
export function mutatedSource(source: string, id: string, wanted: string | undefined): string | undefined {
  const [file = '', index] = wanted?.split(':') ?? []
  if (file === '' || !id.endsWith(`/${file}`)) return undefined
  const condition = conditions(source)[Number(index)]
  if (!condition) throw new Error(`${file} has no condition ${index}.`)
  return `${source.slice(0, condition.start)}1 = 1${source.slice(condition.end)}`
}

function passes(group: Group, mutant: string): boolean {
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [
    'run',
    '--config',
    'test/mutation/vitest.config.ts',
    '--bail',
    '1',
    '--reporter',
    'dot',
    '--no-isolate',
  ]
  // Where a test runs on every database, it is named by it.
  const one = group.name === 'tenancy' ? ['--testNamePattern', 'sqlite'] : []
  const env = { ...process.env, [TESTS_VARIABLE]: group.tests.join(' '), [MUTANT_VARIABLE]: mutant }
  return spawnSync(process.execPath, [vitest, ...args, ...one], { cwd: ROOT, env }).status === 0
}

/** @throws when the tests fail without a mutant */
export function mutateQueries(group: Group): Mutant[] {
  if (!passes(group, '')) throw new Error(`The tests of ${group.name} fail without a mutant.`)
  return group.files.flatMap((file) => {
    const source = readFileSync(join(ROOT, file), 'utf8')
    return conditions(source).map(({ start, end }, index) => ({
      file,
      became: changedLine(source, start, end, '1 = 1'),
      killed: !passes(group, `${file}:${index}`),
    }))
  })
}
