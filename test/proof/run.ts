/**
 * `npm run proof`: plays every proof, or those that are named, one after another, and writes docs/proof.md.
 * What was played before and is not played now keeps its place on the page, with its own date and commit.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../helpers/sources.js'
import { isMet, type Played, readRecord, writePage } from './page.js'
import { PROOFS, type Proof } from './proofs.js'

const PLAY = fileURLToPath(new URL('play.ts', import.meta.url))
const TYPESCRIPT = new URL('typescript.mjs', import.meta.url).href

const machine = (): string => {
  const [first] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${memory} GiB, Node ${process.versions.node}`
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--', 'src', 'test', 'drizzle', 'bin') !== ''
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`
}

/** Plays one in a process of its own, which is ended when it takes too long. */
async function play(proof: Proof): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'zuko-proof-'))
  const file = join(folder, 'results.json')
  const [load = 0] = loadavg()
  const [at, begun] = [`${new Date().toISOString().slice(0, 16)}Z`, performance.now()]
  const child = spawn(process.execPath, ['--import', TYPESCRIPT, PLAY, proof.name, file], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    detached: true,
  })
  let late = false
  const timer = setTimeout(() => {
    late = true
    // Its whole group: it starts servers.
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  }, proof.minutes * 60_000)
  const [code] = await once(child, 'exit')
  clearTimeout(timer)
  const seconds = Math.round((performance.now() - begun) / 1000)
  const played = { at, commit: commit(), machine: machine(), load, seconds }
  try {
    if (late) return { ...played, failed: `it took longer than ${proof.minutes} minutes.`, results: [] }
    if (code !== 0) return { ...played, failed: `its process ended with ${code}.`, results: [] }
    return { ...played, results: JSON.parse(readFileSync(file, 'utf8')) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws when a name is none */
function chosen(names: readonly string[]): readonly Proof[] {
  if (names.length === 0) return PROOFS.filter(({ onlyByName }) => !onlyByName)
  const unknown = names.filter((name) => !PROOFS.some((proof) => proof.name === name))
  if (unknown.length === 0) return PROOFS.filter(({ name }) => names.includes(name))
  const known = PROOFS.map(({ name }) => name).join(', ')
  throw new Error(`There is no proof ${unknown.join(', ')}. There are: ${known}`)
}

async function run(names: readonly string[]): Promise<void> {
  const record = readRecord()
  for (const proof of chosen(names)) {
    process.stderr.write(`${proof.name}: ${proof.shows} …\n`)
    const played = await play(proof)
    record[proof.name] = played
    writePage(record)
    for (const { what, figure, goal, met } of played.results) {
      process.stderr.write(`  ${met ? 'pass' : 'MISS'}  ${what}: ${figure} (${goal})\n`)
    }
    if (played.failed) process.stderr.write(`  MISS  ${played.failed}\n`)
    if (!isMet(played)) process.exitCode = 1
  }
}

await run(process.argv.slice(2))
