/** docs/proof.md, and docs/proof.json beside it, which remembers what was played before. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from '../helpers/sources.js'
import type { Result } from './goals.js'
import { PROOFS, type Proof } from './proofs.js'

export interface Played {
  at: string
  commit: string
  machine: string
  /** Processes that wanted to run when it began, over the last minute. */
  load: number
  seconds: number
  /** Why there are no results. */
  failed?: string
  results: Result[]
}

export type Record = { [name: string]: Played }

const JSON_FILE = join(ROOT, 'docs', 'proof.json')
const PAGE = join(ROOT, 'docs', 'proof.md')

export const readRecord = (): Record =>
  existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {}

export const isMet = ({ failed, results }: Played): boolean =>
  failed === undefined && results.length > 0 && results.every(({ met }) => met)

const command = (name: string): string => `npm run proof -- ${name}`

function section({ name, shows }: Proof, played: Played): string {
  const { at, commit, machine, load, seconds, failed, results } = played
  const rows = results.map(
    ({ what, figure, goal, met }) => `| ${what} | ${figure} | ${goal} | ${met ? 'pass' : '**miss**'} |`,
  )
  return [
    `## ${name}: ${isMet(played) ? 'pass' : '**miss**'}`,
    '',
    `${shows.charAt(0).toUpperCase()}${shows.slice(1)}.`,
    '',
    ...(failed ? [`It gave no figures: ${failed}`, ''] : []),
    ...(rows.length > 0 ? ['| what | figure | goal | |', '|---|---|---|---|', ...rows, ''] : []),
    `\`${command(name)}\`, ${at}, commit ${commit}, ${seconds} s, load at the start ${load.toFixed(1)}, ${machine}.`,
    '',
  ].join('\n')
}

const INTRODUCTION = `# Proof

What happens to Zuko when it is attacked, killed, starved and lied to. \`npm run proof\` wrote this page: it plays the attacks and faults of \`test/faults\` and \`test/threats\` at length, each in a process of its own, and holds each figure against its goal. Their short forms run in \`npm test\`. A row without a goal is there to be known.
`

/** Writes both files anew. */
export function writePage(record: Record): void {
  const played = PROOFS.filter(({ name }) => record[name])
  const missed = played.filter(({ name }) => !isMet(record[name] as Played))
  const open = PROOFS.filter(({ name }) => !record[name])
  const listed = (proofs: readonly Proof[]) => proofs.map(({ name }) => `\`${name}\``).join(', ')
  const summary = [
    `Played: ${played.length} of ${PROOFS.length}. Missed: ${missed.length === 0 ? 'none' : listed(missed)}.`,
    ...(open.length > 0 ? [`Not played yet on this page: ${listed(open)}.`] : []),
  ]
  const sections = played.map((proof) => section(proof, record[proof.name] as Played))
  mkdirSync(dirname(PAGE), { recursive: true })
  writeFileSync(PAGE, [INTRODUCTION, `${summary.join(' ')}\n`, ...sections].join('\n'))
  writeFileSync(JSON_FILE, `${JSON.stringify(record, null, 2)}\n`)
}
