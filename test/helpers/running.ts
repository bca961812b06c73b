import { readConfig, type ServeRole } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { runServe } from '../../src/serve/index.js'

export interface Running {
  /** What it said to the person who started it. */
  lines: string[]
  stop(): Promise<void>
}

/** Runs one role as the program would, and answers as soon as it says that it is ready. */
export async function runRole(env: Record<string, string>, role?: ServeRole): Promise<Running> {
  const stopping = new AbortController()
  const lines: string[] = []
  let ready = () => {}
  const started = new Promise<void>((resolve) => {
    ready = resolve
  })
  const running = runServe({
    config: readConfig(env),
    ...(role ? { role } : {}),
    log: createLog('silent'),
    version: '0.0.0-test',
    signal: stopping.signal,
    print: (line) => {
      lines.push(line)
      ready()
    },
  })
  await Promise.race([started, running])
  return {
    lines,
    async stop() {
      stopping.abort()
      await running
    },
  }
}
