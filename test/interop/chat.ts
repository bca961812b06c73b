/** A client that is spoken to in lines of JSON, and lives from one turn to the next. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

// biome-ignore lint/suspicious/noExplicitAny: lines are what the clients print
export type Line = any

export interface Chat {
  /** Sends a line, and waits for one that fits; answers that, and as `text` everything that was said till then. */
  say(line: object, fits: (line: Line) => boolean): Promise<{ line: Line; text: string }>
  close(): Promise<void>
}

const TURN_SECONDS = 90

/** The process starts with the first turn, so that a login may come before it. */
export function openChat(
  command: string,
  args: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Chat {
  let child: ChildProcess | undefined
  let text = ''
  const waiting = new Set<(line: Line) => void>()

  function start(): ChildProcess {
    const started = spawn(command, args, { ...options, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    started.stdin.on('error', () => {})
    started.stderr.on('data', (chunk) => {
      text += chunk
    })
    createInterface({ input: started.stdout }).on('line', (raw) => {
      text += `${raw}\n`
      if (!raw.startsWith('{')) return
      const line = JSON.parse(raw)
      for (const look of waiting) look(line)
    })
    return started
  }

  return {
    async say(line, fits) {
      child ??= start()
      text = ''
      const process = child
      let forget = () => {}
      const answered = new Promise<Line>((resolve, reject) => {
        const look = (one: Line) => fits(one) && resolve(one)
        const fail = (what: string) => reject(new Error(`${what}: ${text.slice(-400)}`))
        const gone = () => fail('The client ended')
        const timer = setTimeout(() => fail(`No answer within ${TURN_SECONDS} s`), TURN_SECONDS * 1000)
        waiting.add(look)
        process.once('exit', gone)
        forget = () => {
          clearTimeout(timer)
          waiting.delete(look)
          process.off('exit', gone)
        }
      })
      child.stdin?.write(`${JSON.stringify(line)}\n`)
      return { line: await answered.finally(forget), text }
    },
    async close() {
      if (!child || child.exitCode !== null) return
      const ended = once(child, 'exit')
      // Its whole group: it has started the bridge.
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
      await ended
    },
  }
}
