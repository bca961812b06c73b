/**
 * Starts a tarball of the package with npx and this Node, from an empty cache, as a person would: the version,
 * a demo server up to an answered call with a token of `admin token`, and the bridge up to its list of tools; then
 * an unpacked extension of Claude Desktop, as that starts it.
 * Usage: node package.mjs NPM-CLI TARBALL EXTENSION FOLDER
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

const [npmCli, tarball, extension, folder] = process.argv.slice(2)
// What surrounds it may be needed to reach the registry; caches and stores are its own.
const env = { ...process.env, XDG_DATA_HOME: join(folder, 'data'), npm_config_cache: join(folder, 'cache') }

/** The program from the tarball, its folder being nobody's project. */
function program(words, more = {}) {
  const args = [npmCli, 'exec', '--yes', `--package=${tarball}`, '--', 'zuko-mcp', ...words]
  // Of a group of its own, so that what npx started can be ended with it: npx passes no signal on.
  return spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, ...more },
    stdio: 'pipe',
    detached: true,
  })
}

/** What it prints, once it has ended well. */
async function output(words, more) {
  const running = program(words, more)
  running.stdin.end()
  const ended = new Promise((resolve) => running.once('close', resolve))
  const [out, err, code] = await Promise.all([text(running.stdout), text(running.stderr), ended])
  assert.equal(code, 0, `zuko-mcp ${words.join(' ')} ended with ${code}: ${err}`)
  return out.trim()
}

/** Reads lines until one has what is waited for. */
async function lineOf(running, lines, has) {
  const seen = []
  for (;;) {
    const { value, done } = await lines.next()
    if (done)
      throw new Error(`"${has}" did not come; instead: ${seen.join('\n')}\n${await text(running.stderr)}`)
    if (value.includes(has)) return value
    seen.push(value)
  }
}

const linesOf = (running) => createInterface({ input: running.stdout })[Symbol.asyncIterator]()

/** What a host says to a bridge that it has started, up to the tools it is told of. */
async function toolsBehind(bridge) {
  const ended = new Promise((resolve) => bridge.once('close', resolve))
  const say = (message) => bridge.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const lines = linesOf(bridge)
  const params = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'check', version: '1' },
  }
  say({ id: 1, method: 'initialize', params })
  assert.ok(JSON.parse(await lineOf(bridge, lines, '"id":1')).result.capabilities.tools)
  say({ method: 'notifications/initialized' })
  say({ id: 2, method: 'tools/list' })
  const { result } = JSON.parse(await lineOf(bridge, lines, '"id":2'))
  bridge.stdin.end()
  await ended
  return result.tools
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const started = performance.now()
const version = await output(['--version'])
const seconds = ((performance.now() - started) / 1000).toFixed(1)
assert.match(tarball, new RegExp(`-${version.replaceAll('.', '\\.')}\\.tgz$`))

const base = `http://localhost:${await freePort()}`
const server = program(['serve', '--demo'], { BACKEND_URL: base })
const left = new Promise((resolve) => server.once('close', resolve))
try {
  await lineOf(server, linesOf(server), 'Zuko is ready')
  const store = { BACKEND_URL: base, DATABASE_URL: `file:${join(folder, 'data', 'zuko-mcp', 'demo.db')}` }
  const token = await output(['admin', 'token', '--as', 'ada@example.com'], store)
  const answer = await fetch(`${base}/api/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  })
  const { result } = await answer.json()
  assert.equal(result.tools.length, 5)

  const address = `${base}/api/mcp`
  const signedIn = { ZUKO_TOKEN: token }
  assert.equal((await toolsBehind(program(['proxy', address, '--no-browser'], signedIn))).length, 5)

  const { server: how } = JSON.parse(await readFile(join(extension, 'manifest.json'), 'utf8'))
  const filled = { __dirname: extension, 'user_config.url': address }
  const words = how.mcp_config.args.map((word) => word.replace(/\$\{(.+?)\}/g, (_, name) => filled[name]))
  const desktop = spawn(process.execPath, words, { cwd: folder, env: { ...env, ...signedIn }, stdio: 'pipe' })
  assert.equal((await toolsBehind(desktop)).length, 5)
} finally {
  process.kill(-server.pid, 'SIGTERM')
  await left
}
console.log(
  `Node ${process.versions.node}: installed and started in ${seconds} s; serve, admin token, tools/list, proxy and the extension work.`,
)
