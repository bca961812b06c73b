/**
 * Makes a checkout ready to run: installs the packages and builds `dist`, each only when something changed.
 * It has no dependencies, so that it runs in a fresh clone; when all is current it costs a few milliseconds.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...names) => join(root, ...names)
const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
const sha256 = (...parts) => createHash('sha256').update(JSON.stringify(parts)).digest('hex')

function stop(line, code = 1) {
  console.error(line)
  process.exit(code)
}

function run(what, args, more = {}) {
  const env = { ...process.env, ...more }
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2], env })
  if (status !== 0) stop(`${what} failed; its own words stand above.`, status ?? 1)
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  stop(`This is Node ${process.versions.node}; zuko-mcp needs Node 20.19 or later.`)
}

/** npm's own program, to be run by this Node; `npm run` tells where it is. */
function npm(...args) {
  const given = process.env.npm_execpath ?? ''
  const [cli] = [given, join(process.execPath, '../../lib/node_modules/npm/bin/npm-cli.js')].filter(
    (path) => path.endsWith('npm-cli.js') && existsSync(path),
  )
  if (!cli) stop(`The packages are not installed. Run: npm ${args.join(' ')}`)
  run('Installing the packages', [cli, ...args], headers())
}

/** What is compiled takes the headers that came with this Node, where they did, and downloads none. */
function headers() {
  const prefix = join(realpathSync(process.execPath), '..', '..')
  if (process.env.npm_config_nodedir || !existsSync(join(prefix, 'include', 'node', 'node_version.h')))
    return {}
  return { npm_config_nodedir: prefix }
}

/** What has to be the same for the installed packages to be the right ones. */
function packagesStamp() {
  const { dependencies, devDependencies, allowScripts } = JSON.parse(read(at('package.json')))
  const [major] = process.versions.node.split('.')
  return sha256(major, dependencies, devDependencies, allowScripts, read(at('package-lock.json')))
}

function install() {
  const stampFile = at('node_modules', '.zuko-ready')
  const stamp = packagesStamp()
  if (read(stampFile) === stamp) return
  console.error('Installing the packages…')
  const command = existsSync(at('package-lock.json')) ? 'ci' : 'install'
  npm(command, '--include=dev', '--no-audit', '--no-fund')
  writeFileSync(stampFile, packagesStamp())
}

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** Names, sizes and times of all that the build reads. */
function sourcesStamp() {
  const own = [at('tsconfig.json'), at('scripts', 'bundle-bridge.mjs')]
  const inputs = [...filesIn(at('src')), ...own, at('node_modules', '.zuko-ready')]
  return sha256(
    ...inputs.sort().map((path) => [relative(root, path), statSync(path).size, statSync(path).mtimeMs]),
  )
}

/** Removes what was built from a source that is gone. */
function prune() {
  const hasSource = (path) => {
    const source = path.replace(at('dist'), at('src')).replace(/\.js(\.map)?$/, '')
    return existsSync(`${source}.ts`) || existsSync(`${source}.tsx`)
  }
  for (const path of filesIn(at('dist'))) if (!hasSource(path)) rmSync(path)
}

function build() {
  const stampFile = at('dist', '.built')
  const stamp = sourcesStamp()
  if (read(stampFile) === stamp) return
  console.error('Building…')
  run('The build', [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', root])
  prune()
  run('Bundling the bridge', [at('scripts', 'bundle-bridge.mjs'), at('dist')])
  writeFileSync(stampFile, stamp)
}

refuseOldNode()
install()
build()
