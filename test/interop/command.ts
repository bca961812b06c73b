/** Runs a client's command, with a limit of time; what it leaves running is ended with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'

export interface Said {
  code: number | null
  /** Both of its streams, without colours. */
  text: string
  stdout: string
}

export interface Running {
  cwd: string
  env: Record<string, string>
  seconds?: number
  /** Sees each piece of what it says. */
  onText?: (text: string) => void
  input?: string
}

export async function run(command: string, args: readonly string[], options: Running): Promise<Said> {
  const { cwd, env, seconds = 120, onText, input } = options
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  let [text, stdout] = ['', '']
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk
      if (stream === child.stdout) stdout += chunk
      onText?.(text)
    })
  }
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const end = () => {
    try {
      // Its whole group: clients start helpers of their own.
      process.kill(-(child.pid as number), 'SIGKILL')
    } catch {}
  }
  let late = false
  const timer = setTimeout(() => {
    late = true
    end()
  }, seconds * 1000)
  const [code] = await Promise.race([
    once(child, 'exit'),
    once(child, 'error').then(([error]) => Promise.reject(error)),
  ])
  clearTimeout(timer)
  end()
  const plain = (words: string) => stripVTControlCharacters(words).trim()
  const ending = late ? `\n(ended after ${seconds} s)` : ''
  return { code, text: plain(text) + ending, stdout: plain(stdout) }
}
