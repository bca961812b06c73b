/**
 * `npm run interop`: tries every client, or those that are named (`codex`, `codex:proxy`), and writes docs/clients.md.
 * What was tried before and is not tried now keeps its place on the page, with its own date and commit.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { chromiumPath, launchChromium } from '../helpers/chromium.js'
import { ROOT } from '../helpers/sources.js'
import { hasTmux } from '../helpers/tmux.js'
import type { Client, Transport } from './client.js'
import { CLIENTS } from './clients.js'
import { install, installed } from './packages.js'
import { keyOf, readRecord, type Tried, writePage } from './page.js'
import { type Trial, tryClient } from './trial.js'

const IMAGES = join(ROOT, 'docs', 'images')

const machine = (): string => {
  const [first] = cpus()
  return `${cpus().length} × ${first?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--', 'src', 'test/interop', 'drizzle', 'bin') !== ''
  return `${git('rev-parse', '--short', 'HEAD')}${changed ? ' with changes' : ''}`
}

/** Why a client cannot be tried here; undefined where it can. */
function missing(client: Client): string | undefined {
  if (!installed(client.package)) return `the package ${client.package} could not be installed`
  if (!installed('node')) return 'the Node that clients run on could not be installed'
  return client.needsTerminal && !hasTmux ? 'there is no tmux, and it wants a terminal' : undefined
}

/** @throws when a name is none */
function chosen(names: readonly string[]): [Client, Transport][] {
  const all = CLIENTS.flatMap((client) => client.transports.map((way): [Client, Transport] => [client, way]))
  const known = ([client, way]: [Client, Transport], name: string) =>
    name === client.id || name === keyOf(client.id, way)
  const unknown = names.filter((name) => !all.some((one) => known(one, name)))
  if (unknown.length > 0) {
    throw new Error(
      `There is no client ${unknown.join(', ')}. There are: ${CLIENTS.map(({ id }) => id).join(', ')}`,
    )
  }
  return names.length === 0 ? all : all.filter((one) => names.some((name) => known(one, name)))
}

async function tried(client: Client, transport: Transport, browser: Browser): Promise<Tried> {
  const facts = { at: `${new Date().toISOString().slice(0, 16)}Z`, commit: commit(), machine: machine() }
  const skipped = missing(client)
  const trial: Trial = skipped
    ? { client: client.id, transport, seconds: 0, steps: {}, skipped }
    : await tryClient(
        client,
        transport,
        browser,
        client.id === 'claude-code' && transport === 'http' ? IMAGES : undefined,
      )
  return { ...facts, version: installed(client.package) ?? '', ...trial }
}

async function run(names: readonly string[]): Promise<void> {
  const all = chosen(names)
  if (!chromiumPath) throw new Error('There is no Chromium on this computer for the person to sign in with.')
  install()
  mkdirSync(IMAGES, { recursive: true })
  const browser = await launchChromium()
  const record = readRecord()
  try {
    for (const [client, transport] of all) {
      process.stderr.write(`${client.name}, ${transport}\n`)
      const one = await tried(client, transport, browser)
      record[keyOf(client.id, transport)] = one
      writePage(record)
      if (one.skipped) process.stderr.write(`  skipped: ${one.skipped}\n`)
      else if (Object.entries(one.steps).some(([step, { ok }]) => !ok && !(step in (client.known ?? {}))))
        process.exitCode = 1
    }
  } finally {
    await browser.close()
  }
}

await run(process.argv.slice(2))
