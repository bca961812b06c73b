import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Json } from './fake-mcp.js'

/** The bridge as a host starts it: a real process, whose every line on stdout has to be JSON-RPC. */
export interface BridgeProcess {
  child: ChildProcessWithoutNullStreams
  send(message: Json): void
  received: Json[]
  /** What people were told. */
  stderr(): string
  answer(id: string | number): Promise<Json>
  message(fits: (message: Json) => boolean): Promise<Json>
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface ProcessOptions {
  bin: string
  args: string[]
  /** The home of the person, where everything is kept. */
  home: string
  env?: Record<string, string>
}

export const startBridge = ({ bin, args, home, env }: ProcessOptions): BridgeProcess =>
  startCommand([bin, 'proxy', ...args], home, env)

/** Whatever Node runs as a bridge from stdio to a server. */
export function startCommand(args: string[], home: string, env: Record<string, string> = {}): BridgeProcess {
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH ?? '', HOME: home, XDG_DATA_HOME: home, ...env },
  })
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  return follow(child, exited)
}

function follow(child: ChildProcessWithoutNullStreams, exited: BridgeProcess['exited']): BridgeProcess {
  const received: Json[] = []
  const looks = new Set<() => void>()
  let [rest, words] = ['', '']
  child.stdin.on('error', () => {})
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString()
  })
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) received.push(rpc(line))
    for (const look of looks) look()
  })
  const message = (fits: (message: Json) => boolean) =>
    new Promise<Json>((resolve, reject) => {
      const look = () => {
        const found = received.find(fits)
        if (found) resolve(found)
        return found
      }
      looks.add(look)
      look()
      exited.then((end) => {
        if (!look()) reject(new Error(`The bridge ended first (${JSON.stringify(end)}): ${words}`))
      })
    })
  return {
    child,
    received,
    message,
    exited,
    send: (value) => void child.stdin.write(`${JSON.stringify(value)}\n`),
    stderr: () => words,
    answer: (id) => message((one) => one.id === id && one.method === undefined),
  }
}

function rpc(line: string): Json {
  const value = JSON.parse(line)
  if (value.jsonrpc !== '2.0') throw new Error(`Not JSON-RPC on stdout: ${line}`)
  return value
}

/** Whether a process still runs; one that has ended may wait to be fetched by its parent. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
