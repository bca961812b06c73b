/** The built program with its demo, on a free loopback port, in a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { until } from '../helpers/processes.js'
import { freePort, program } from '../helpers/program.js'
import { ROOT } from '../helpers/sources.js'

const WATCHED = fileURLToPath(new URL('watched.mjs', import.meta.url))
const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')

/** One request that the server has answered. */
export interface Heard {
  method: string
  path: string
  status: number
  version?: string
}

export interface Change {
  taskId: number
  client: string
}

export interface Server {
  base: string
  url: string
  heard: Heard[]
  /** Puts the server's clock on until every access token has expired; answers by how many milliseconds in all. */
  expireTokens(): Promise<number>
  /** Ends the process and starts another on the same store and port. */
  restart(): Promise<void>
  /** The newest change of a task, from the server's own audit. */
  lastChange(): Promise<Change | undefined>
  stop(): Promise<void>
}

/** Starts it and waits until it is ready. */
export async function startServer(home: string): Promise<Server> {
  const base = `http://127.0.0.1:${await freePort()}`
  const heard: Heard[] = []
  const said: string[] = []
  let ahead = 0
  let stopping = false
  const own = { PATH: process.env.PATH ?? '', HOME: home, XDG_DATA_HOME: home, BACKEND_URL: base }

  async function start(): Promise<ChildProcess> {
    const child = spawn(process.execPath, ['--import', WATCHED, BINARY, 'serve', '--demo'], {
      env: { ...own, ZUKO_INTEROP_AHEAD: String(ahead) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.once('exit', (code, signal) => {
      if (!stopping)
        process.stderr.write(`  the server ended by itself: ${code ?? signal}: ${said.slice(-5).join(' ')}\n`)
    })
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      said.push(line)
      const { interop } = line.startsWith('{"interop"') ? JSON.parse(line) : {}
      if (interop?.ahead) ahead = interop.ahead
      else if (interop) heard.push(interop)
    })
    await until(
      async () => (await fetch(`${base}/readyz`).catch(() => undefined))?.ok,
      'a server that is ready',
    )
    return child
  }

  async function stop(): Promise<void> {
    if (running.exitCode !== null || running.signalCode !== null) return
    stopping = true
    const ended = once(running, 'exit')
    running.kill('SIGTERM')
    await ended
    stopping = false
  }

  let running = await start()
  const demo = program(home, {
    XDG_DATA_HOME: home,
    DATABASE_URL: `file:${join(home, 'zuko-mcp', 'demo.db')}`,
  })
  return {
    base,
    url: `${base}/api/mcp`,
    heard,
    async expireTokens() {
      const before = ahead
      running.kill('SIGUSR2')
      await until(() => ahead > before, 'a server whose clock has moved')
      return ahead
    },
    async restart() {
      await stop()
      running = await start()
    },
    lastChange: async () =>
      JSON.parse(await demo.succeed(['admin', 'audit', 'list', '--limit', '1', '--json']))[0],
    stop,
  }
}
