/** The built program as a process of its own on a store of its own, to be killed, starved and lied to. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { addPerson } from '../../src/auth/people.js'
import { createAuth } from '../../src/auth/server.js'
import { ADMIN_CLIENT, mintToken } from '../../src/auth/token.js'
import { createLog } from '../../src/log.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { freePort } from '../helpers/program.js'
import { PASSWORD, SECRET } from '../helpers/serve.js'
import { ADA } from '../helpers/serving.js'
import { ROOT } from '../helpers/sources.js'

const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')

export const isRoot = process.getuid?.() === 0
export const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined

export interface StartOptions {
  env?: Record<string, string>
  /** What stands in front of the command line, such as `strace`. */
  before?: readonly string[]
  /** Options of node itself. */
  node?: readonly string[]
  /** Further words after `serve`. */
  args?: readonly string[]
  /** An open file that takes its log. */
  log?: number
}

export interface Server {
  child: ChildProcess
  /** From its start until it said that it serves, in milliseconds. */
  startedInMs: number
  logged(): string
  /** How it ended: its exit code, or null when it was killed. */
  ended: Promise<number | null>
  kill(): Promise<void>
  stop(): Promise<number | null>
}

export interface Ground {
  home: string
  path: string
  base: string
  port: number
  env: Record<string, string>
  organizationId: number
  /** An access token of Ada's, good for 15 minutes. */
  token(): Promise<string>
  start(options?: StartOptions): Promise<Server>
  store(): Promise<OpenStore>
  remove(): Promise<void>
}

/** Starts a process, and answers when it says that it serves. @throws when it ends before that */
async function startServer(env: Record<string, string>, options: StartOptions): Promise<Server> {
  const { before = [], node = [], args = [], log = 'pipe' } = options
  const [command = '', ...rest] = [...before, process.execPath, ...node, BINARY, 'serve', ...args]
  const begun = performance.now()
  const settings: SpawnOptions = { env: { ...env, ...options.env }, stdio: ['ignore', 'pipe', log] }
  const child = spawn(command, rest, settings)
  const lines: string[] = []
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => void lines.push(line))
  const serving = new Promise<boolean>((resolve) => {
    const said = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    said.on('line', (line) => line.includes(' is ready: ') && resolve(true))
  })
  if (!(await Promise.race([serving, ended.then(() => false)]))) {
    throw new Error(`serve ended with ${await ended}: ${lines.join('\n')}`)
  }
  return {
    child,
    startedInMs: Math.round(performance.now() - begun),
    logged: () => lines.join('\n'),
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
      child.kill('SIGTERM')
      return ended.finally(() => clearTimeout(late))
    },
  }
}

/** `home` is a folder that is there already and stays; without one a new one is made, and removed at the end. */
export async function breakGround(home?: string): Promise<Ground> {
  const folder = home ?? mkdtempSync(join(tmpdir(), 'zuko-faults-'))
  const path = join(folder, 'zuko.db')
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const open = async () => {
    const store = await openStore(path)
    const auth = await createAuth({ store, backendUrl: base, secret: SECRET, log: createLog('silent') })
    return { store, auth }
  }
  const { store, auth } = await open()
  const at = Date.now()
  const { id: organizationId } = await store.organizations.add({ name: 'Acme', slug: 'acme', at })
  const { id: userId } = await addPerson(auth, { ...ADA, name: 'Ada', password: PASSWORD, at: new Date() })
  await store.members.add({ userId, organizationId, role: 'owner', at })
  await store.grants.ensure({ userId, ...ADMIN_CLIENT, scopes: [...SCOPES], at: 0 })
  await store.close()
  const { PATH = '' } = process.env
  const own = { BACKEND_URL: base, DATABASE_URL: `file:${path}`, BETTER_AUTH_SECRET: SECRET }
  const env = { PATH, HOME: folder, LOG_LEVEL: 'info', RATE_LIMIT: 'off', ...own }
  const started: Server[] = []
  return {
    ...{ home: folder, path, base, port, env, organizationId },
    async token() {
      const { store, auth } = await open()
      const token = await mintToken(auth, { userId, scopes: SCOPES, ttlSeconds: 900 })
      await store.close()
      return token
    },
    async start(options = {}) {
      const server = await startServer(env, options)
      started.push(server)
      return server
    },
    store: () => openStore(path),
    async remove() {
      await Promise.all(started.map((server) => server.kill()))
      if (!home) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Breaks ground for `work`, and clears it away whatever happens. */
export async function onGround<T>(work: (ground: Ground) => Promise<T>, home?: string): Promise<T> {
  const ground = await breakGround(home)
  try {
    return await work(ground)
  } finally {
    await ground.remove()
  }
}
