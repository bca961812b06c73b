// The contenders as processes: each on the same core, on a copy of the same store.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { freePort } from './free-port.mjs'
import { fill } from './nodes-data.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
export const PROGRAM = join(here, '..', '..', 'bin', 'zuko-mcp.js')
const PERSON = 'person0@example.com'
/** High enough to refuse nothing; what keeping the rate costs is in the figures. */
const RATE_LIMIT = '1000000/s burst 1000000'

/** The processor core of the servers, and that of whoever asks them. Without taskset they take what is free. */
const [SERVER_CORE, OWN_CORE] = ['0', '1']
export const BOTH_CORES = `${SERVER_CORE},${OWN_CORE}`
const hasTaskset = spawnSync('taskset', ['--version']).error === undefined
const onCore = (core, command) => (hasTaskset ? ['taskset', '-c', core, ...command] : command)

/** Moves the bench itself to the other core. */
export function stepAside() {
  if (hasTaskset) spawnSync('taskset', ['-a', '-p', '-c', OWN_CORE, String(process.pid)])
}

const admin = (env, words) =>
  execFileSync(process.execPath, [PROGRAM, 'admin', ...words], { env, encoding: 'utf8' })

/** A store with 16,000 tasks, and the one person of the bench: two organizations of 1000 tasks each. */
export async function createStore(home) {
  const path = join(home, 'store.db')
  const env = {
    ...process.env,
    DATABASE_URL: `file:${path}`,
    XDG_DATA_HOME: home,
    BETTER_AUTH_SECRET: randomBytes(32).toString('hex'),
  }
  await fill({ admin: async (words) => admin(env, words) }, home)
  const sqlite = new SQLite(path)
  const userId = sqlite.prepare('SELECT id FROM user WHERE email = ?').pluck().get(PERSON)
  const organizationId = sqlite
    .prepare('SELECT min(organization_id) FROM member WHERE user_id = ?')
    .pluck()
    .get(userId)
  const taskId = sqlite
    .prepare('SELECT max(id) FROM task WHERE organization_id = ?')
    .pluck()
    .get(organizationId)
  sqlite.pragma('wal_checkpoint(TRUNCATE)')
  sqlite.close()
  return { home, path, env, userId, organizationId, taskId }
}

/** A copy of the store for one server. */
function copyOf(store, name) {
  const path = join(store.home, `${name}.db`)
  for (const log of ['-wal', '-shm']) rmSync(path + log, { force: true })
  copyFileSync(store.path, path)
  return { path, env: { ...store.env, DATABASE_URL: `file:${path}` } }
}

function started(command, env, isReady, cores = SERVER_CORE) {
  const [program, ...words] = onCore(cores, command)
  const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null) return resolve()
      child.once('exit', resolve)
      child.kill()
    })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${words.join(' ')} ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = isReady.exec(line)
      if (found) resolve({ pid: child.pid, stop, said: found[1] })
    })
  })
}

/** Ours; `words` go to `serve`, and `options` to node. */
export async function startOurs(store, name, words = [], options = [], cores = SERVER_CORE) {
  const port = await freePort()
  const copy = copyOf(store, name)
  const env = { ...copy.env, BACKEND_URL: `http://localhost:${port}`, RATE_LIMIT }
  const command = [process.execPath, ...options, PROGRAM, 'serve', '--port', String(port), ...words]
  const server = await started(command, env, / is ready: (.*)/, cores)
  const token = admin(env, ['token', '--as', PERSON, '--ttl', '15m']).trim()
  return { ...server, port, token, env }
}

export async function startContender(store, name) {
  const { path, env } = copyOf(store, name)
  const file = join(here, 'contenders', `${name}.mjs`)
  const token = 'bench-token'.repeat(40)
  const people = JSON.stringify({ [token]: store.userId })
  const server = await started([process.execPath, file, path, people], env, /^listening (\d+)/)
  return { ...server, port: Number(server.said), token }
}

/** Whether `serve` can be several processes. */
export const hasWorkers = () =>
  execFileSync(process.execPath, [PROGRAM, 'serve', '--help'], { encoding: 'utf8' }).includes('--workers')
