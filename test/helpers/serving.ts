import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { addPerson } from '../../src/auth/people.js'
import { type Auth, createAuth } from '../../src/auth/server.js'
import { createLog } from '../../src/log.js'
import { type OpenStore, openStore } from '../../src/store/open.js'
import { freePort } from './program.js'
import { PASSWORD, SECRET } from './serve.js'
import { ROOT } from './sources.js'

const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')

export const ADA = { email: 'ada@example.com', password: PASSWORD }
export const BOB = { email: 'bob@example.com', password: PASSWORD }

/** One process of the built program that serves. */
export interface Node {
  port: number
  /** Every line of its log so far, as text. */
  logged(): string
  /** Answers its exit code; null when it had to be killed. */
  stop(): Promise<number | null>
}

/** The built program, serving a store of its own, as an attacker finds it. */
export interface Serving extends Node {
  base: string
  home: string
  /** What its processes see of the world. */
  env: Record<string, string>
  /** Another process of it on the same store, behind the same name. */
  join(): Promise<Node>
  /** What the program keeps, opened by the test as well. */
  store(): Promise<OpenStore>
}

export interface ServingOptions {
  env?: Record<string, string>
  /** Fills the store before the program starts. Ada owns Acme, Bob is a member of it, whatever else is done. */
  fill?: (store: OpenStore, auth: Auth) => Promise<void>
}

async function fillStore(path: string, backendUrl: string, fill: ServingOptions['fill']): Promise<void> {
  const store = await openStore(path)
  const auth = await createAuth({ store, backendUrl, secret: SECRET, log: createLog('silent') })
  const at = new Date()
  const { id } = await store.organizations.add({ name: 'Acme', slug: 'acme', at: at.getTime() })
  for (const [person, role] of [
    [{ ...ADA, name: 'Ada' }, 'owner'],
    [{ ...BOB, name: 'Bob' }, 'member'],
  ] as const) {
    const added = await addPerson(auth, { ...person, at })
    await store.members.add({ userId: added.id, organizationId: id, role, at: at.getTime() })
  }
  await fill?.(store, auth)
  await store.close()
}

/** Starts the program and waits until it says that it serves. */
async function startNode(port: number, env: Record<string, string>): Promise<Node> {
  const child: ChildProcess = spawn(process.execPath, [BINARY, 'serve', '--port', String(port)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test that ends without stopping it leaves no process behind.
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const lines: string[] = []
  const exited = once(child, 'exit').then(([code]) => {
    process.off('exit', kill)
    return code as number | null
  })
  const each = (stream: unknown, take: (line: string) => void) =>
    createInterface({ input: stream as NodeJS.ReadableStream }).on('line', take)
  each(child.stderr, (line) => void lines.push(line))
  const serving = new Promise<void>((resolve) => {
    each(child.stdout, (line) => line.includes(' is ready: ') && resolve())
  })
  const failed = exited.then(() => Promise.reject(new Error(`serve ended: ${lines.join('\n')}`)))
  failed.catch(() => undefined)
  await Promise.race([serving, failed])
  return {
    port,
    logged: () => lines.join('\n'),
    stop: () => {
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      child.kill('SIGTERM')
      return exited.finally(() => clearTimeout(late))
    },
  }
}

export async function startServing({ env: more = {}, fill }: ServingOptions = {}): Promise<Serving> {
  const home = mkdtempSync(join(tmpdir(), 'zuko-threats-'))
  const path = join(home, 'zuko.db')
  const port = await freePort()
  const base = more.BACKEND_URL ?? `http://127.0.0.1:${port}`
  await fillStore(path, base, fill)
  const { PATH = '' } = process.env
  const own = { BACKEND_URL: base, DATABASE_URL: `file:${path}`, BETTER_AUTH_SECRET: SECRET }
  const env = { PATH, HOME: home, LOG_LEVEL: 'trace', ...own, ...more }
  const nodes = [await startNode(port, env)]
  const [first] = nodes as [Node]
  return {
    ...first,
    base,
    home,
    env,
    async join() {
      const node = await startNode(await freePort(), env)
      nodes.push(node)
      return node
    },
    store: () => openStore(path),
    async stop() {
      const [code = null] = await Promise.all(nodes.map((node) => node.stop()))
      rmSync(home, { recursive: true, force: true })
      return code
    },
  }
}
