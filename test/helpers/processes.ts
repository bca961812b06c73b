import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const RUNNER = fileURLToPath(new URL('login-process.mjs', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: tests assert what events look like
export type ProcessEvent = any

/** A real process with a login of its own. */
export interface LoginProcess {
  child: ChildProcess
  send(action: 'call' | 'token' | 'logout' | 'close'): void
  /** The next event that has this field, whenever it came. */
  next(field: string): Promise<ProcessEvent>
  exited: Promise<number | null>
}

/** A person's computer: a home for logins, and browsers that only take note of what they are opened with. */
export interface Computer {
  directory: string
  /** Where the person's own files are, and what programs see of the world. */
  home: string
  env: Record<string, string>
  /** Addresses that a browser was opened with, in order. Throws when one came with more or fewer arguments. */
  tabs(): string[]
  start(options: Record<string, unknown>): LoginProcess
  remove(): void
}

export function computer(build: string): Computer {
  const root = mkdtempSync(join(tmpdir(), 'zuko-computer-'))
  const programs = join(root, 'bin')
  const log = join(root, 'tabs')
  mkdirSync(programs)
  for (const name of ['xdg-open', 'open', 'rundll32', 'rundll32.exe']) {
    const path = join(programs, name)
    writeFileSync(path, `#!/bin/sh\n{ printf '%s\\0' "$#" "$@"; printf '\\n'; } >> '${log}'\n`)
    chmodSync(path, 0o755)
  }
  const directory = join(root, 'logins')
  const children: ChildProcess[] = []
  const env = { PATH: `${programs}:${process.env.PATH}`, HOME: root, DISPLAY: ':0' }
  return {
    ...{ directory, home: root, env },
    tabs: () => {
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []
      return lines.map((line) => {
        const [count, address = ''] = line.split('\0')
        if (count !== '1') throw new Error(`A browser was opened with ${count} arguments.`)
        return address
      })
    },
    start: (options) => {
      const given = JSON.stringify({ directory, ...options })
      const child = spawn(process.execPath, [RUNNER, build, given], {
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      children.push(child)
      return follow(child)
    },
    remove: () => {
      for (const child of children) child.kill('SIGKILL')
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function follow(child: ChildProcess): LoginProcess {
  const events: ProcessEvent[] = []
  const waiting: { field: string; resolve: (event: ProcessEvent) => void }[] = []
  if (!child.stdout || !child.stdin) throw new Error('The process has no pipes.')
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = JSON.parse(line)
    const at = waiting.findIndex(({ field }) => field in event)
    if (at < 0) events.push(event)
    else waiting.splice(at, 1)[0]?.resolve(event)
  })
  child.stdin.on('error', () => {})
  return {
    child,
    send: (action) => child.stdin?.write(`${action}\n`),
    next: (field) => {
      const at = events.findIndex((event) => field in event)
      if (at >= 0) return Promise.resolve(events.splice(at, 1)[0])
      return new Promise((resolve) => waiting.push({ field, resolve }))
    },
    exited: new Promise((resolve) => child.once('exit', resolve)),
  }
}

/** Waits until a look at something gives a value. */
export async function until<T>(look: () => T | Promise<T>, what: string): Promise<NonNullable<T>> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look()
    if (found) return found
    await new Promise((resume) => setTimeout(resume, 25))
  }
  throw new Error(`It never happened: ${what}.`)
}
