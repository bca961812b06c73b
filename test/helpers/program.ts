import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ROOT } from './sources.js'

const BINARY = join(ROOT, 'bin', 'zuko-mcp.js')

/** How a process ended, and what it said. */
export interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
}

/** The built program as a real process, in a home of its own. */
export function program(home: string, env: Record<string, string> = {}) {
  if (!existsSync(join(ROOT, 'dist', 'cli.js')))
    throw new Error('There is no dist/cli.js. Fix: npm run build.')
  const { PATH = '' } = process.env

  function start(args: readonly string[], more: Record<string, string> = {}): Started {
    const child = spawn(process.execPath, [BINARY, ...args], {
      env: { PATH, HOME: home, DATABASE_URL: `file:${join(home, 'zuko.db')}`, ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
      ([[code, signal], stdout, stderr]) => ({ code, signal, stdout, stderr }) as Ended,
    )
    return { child, ended }
  }

  return {
    start,
    run: (args: readonly string[], more?: Record<string, string>) => start(args, more).ended,
    /** Runs a command that has to succeed, and answers what it printed. */
    async succeed(args: readonly string[], more?: Record<string, string>): Promise<string> {
      const { code, stdout, stderr } = await start(args, more).ended
      if (code !== 0) throw new Error(`"${args.join(' ')}" ended with ${code}: ${stderr}`)
      return stdout.trimEnd()
    },
    /** Kills a process, which gets no chance to do anything, after so many milliseconds. */
    async killAfter(args: readonly string[], ms: number, more?: Record<string, string>): Promise<Ended> {
      const { child, ended } = start(args, more)
      const timer = setTimeout(() => child.kill('SIGKILL'), ms)
      const result = await ended
      clearTimeout(timer)
      return result
    },
  }
}

/** Listens for a moment; answers the port, or undefined when it is taken. Where there is no IPv6 nobody takes it there. */
async function lendPort(host: string, port: number): Promise<number | undefined> {
  const server = createServer().listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? undefined : port
  }
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address ? address.port : undefined
}

/**
 * A port of this computer that nobody listens on, under either of its loopback addresses. It lies below those
 * that systems give to outgoing connections, so that none takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const lent = await Promise.all(['127.0.0.1', '::1'].map((host) => lendPort(host, port)))
    if (lent.every((one) => one !== undefined)) return port
  }
}
