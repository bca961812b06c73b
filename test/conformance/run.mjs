/**
 * `npm run conformance`: the official suite's client scenarios against `zuko-mcp proxy`, for every revision given
 * (both by default), then its scenarios of servers and authorization servers against ours. The suite lives in packages
 * of this folder and runs on a Node of its own; the bridge and the server run on the Node that runs this.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const revisions = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ['2025-11-25', '2026-07-28']
const suite = join(here, 'node_modules', '@modelcontextprotocol', 'conformance', 'dist', 'index.js')

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] })
  return status === 0
}

if (!existsSync(suite)) {
  const npm = process.env.npm_execpath
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock']
  const installed = npm ? run(process.execPath, [npm, ...install]) : run('npm', install)
  if (!installed) {
    console.error('The conformance suite could not be installed.')
    process.exit(1)
  }
}

const node = join(here, 'node_modules', '.bin', 'node')
const host = `${process.execPath} ${join(here, 'host.mjs')}`
const failed = revisions.filter((revision) => {
  const expected = ['--expected-failures', join(here, 'expected-failures.yml')]
  const args = [
    suite,
    'client',
    '--command',
    host,
    '--requirements',
    revision,
    '--timeout',
    '90000',
    ...expected,
  ]
  return !run(node, args)
})

const typescript = new URL('../proof/typescript.mjs', import.meta.url).href
const serves = run(process.execPath, [
  '--import',
  typescript,
  join(here, 'server.ts'),
  node,
  suite,
  ...revisions,
])
if (!serves) failed.push('the server')

console.log(
  failed.length === 0 ? 'conformance: as expected' : `conformance: not as expected for ${failed.join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1
