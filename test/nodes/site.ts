/** Several nodes of the built program on one Postgres, behind nginx: what a site that outgrew one machine runs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../helpers/program.js'
import { ROOT } from '../helpers/sources.js'
import { type Balancer, startBalancer } from './balancer.js'

const SECRET = 'a secret of the nodes, the same on each of them'

export interface Node {
  port: number
  child: ChildProcess
  /** Everything it said on stderr. */
  said(): string
  exit: Promise<unknown[]>
}

export interface Site {
  /** Where people and clients find it: nginx. */
  base: string
  nodes: Node[]
  /** Runs an admin command that has to succeed, with this on its stdin; answers what it printed. */
  admin(args: readonly string[], input?: string): Promise<string>
  /** Starts node number `index` again, from this program or from another folder's. */
  restart(index: number, folder?: string): Promise<void>
  stop(): Promise<void>
}

export interface SiteOptions {
  database: string
  nodes: number
  env?: Record<string, string>
}

/** Whether a node that is reached past nginx says that it is ready. */
const isReady = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asking = get({ host: '127.0.0.1', port, path: '/readyz', headers: { host } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asking.on('error', () => resolve(false))
  })

async function ready(port: number, host: string): Promise<void> {
  while (!(await isReady(port, host))) await new Promise((resume) => setTimeout(resume, 25))
}

async function startNode(port: number, env: Record<string, string>, folder = ROOT): Promise<Node> {
  const child = spawn(process.execPath, [join(folder, 'bin/zuko-mcp.js'), 'serve', '--port', String(port)], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const exit = once(child, 'exit')
  const early = exit.then(([code]) => {
    throw new Error(`A node ended with ${code}: ${said}`)
  })
  await Promise.race([ready(port, new URL(env.BACKEND_URL ?? '').host), early])
  early.catch(() => {})
  return { port, child, said: () => said, exit }
}

/** @throws Error with what it said, when it does not end well */
const admin = (env: Record<string, string>, args: readonly string[], input = ''): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = [join(ROOT, 'bin/zuko-mcp.js'), 'admin', ...args]
    const settings = { env: { PATH: process.env.PATH ?? '', ...env } }
    const child = execFile(process.execPath, command, settings, (error, stdout, stderr) =>
      error ? reject(new Error(`"admin ${args.join(' ')}" failed: ${stderr}`)) : resolve(stdout.trimEnd()),
    )
    child.stdin?.end(input)
  })

export async function startSite({ database, nodes: count, env: more = {} }: SiteOptions): Promise<Site> {
  const home = mkdtempSync(join(tmpdir(), 'zuko-site-'))
  const [port, ...ports] = await Promise.all(Array.from({ length: count + 1 }, freePort))
  const base = `http://127.0.0.1:${port}`
  const env = {
    HOME: home,
    DATABASE_URL: database,
    BACKEND_URL: base,
    BETTER_AUTH_SECRET: SECRET,
    TRUST_PROXY: '1',
    LOG_LEVEL: 'warn',
    ...more,
  }
  // At once, as a deployment starts them: one of them migrates and makes the first key.
  const nodes = await Promise.all(ports.map((own) => startNode(own, env)))
  const balancer: Balancer = await startBalancer(port as number, ports)
  return {
    base,
    nodes,
    admin: (args, input) => admin(env, args, input),
    async restart(index, folder) {
      nodes[index] = await startNode(ports[index] as number, env, folder)
    },
    async stop() {
      for (const { child } of nodes) child.kill('SIGKILL')
      await Promise.all(nodes.map(({ exit }) => exit))
      await balancer.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
