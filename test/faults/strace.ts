import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Attaches strace to a running process. Answers how to let go of it. */
export async function attach(pid: number, args: readonly string[]): Promise<() => Promise<void>> {
  const stdio = ['ignore', 'ignore', 'pipe'] as const
  const strace = spawn('strace', ['-f', '-p', String(pid), ...args], { stdio: [...stdio] })
  const exited = once(strace, 'exit')
  const attached = once(strace.stderr as NodeJS.ReadableStream, 'data')
  if ((await Promise.race([attached, exited])).length === 2) throw new Error('strace could not attach.')
  return async () => {
    strace.kill('SIGINT')
    await exited
  }
}
