import { packageVersion } from './version.js'

/** Runs one command line. The exit code is left behind; the process ends when nothing is left to do. */
export async function main(argv: readonly string[]): Promise<void> {
  const { signal, dispose } = interruptible()
  process.stdout.on('error', readerLeft)
  try {
    await run(argv, signal)
  } catch (error) {
    await end(error)
  } finally {
    dispose()
  }
}

/** A host waits for the bridge, so what hosts write is understood without reading the commands and their words. */
async function run(argv: readonly string[], signal: AbortSignal): Promise<void> {
  if (argv[2] === 'proxy') {
    const [{ startBridge }, version] = await Promise.all([import('./proxy/start.js'), packageVersion()])
    const running = startBridge(argv.slice(3), { signal, version })
    if (running) return running
  }
  const { buildProgram } = await import('./cli.js')
  const program = await buildProgram({ signal }, argv[2])
  await program.parseAsync(argv)
}

/** Asks the work to end at the first signal; at the second the process ends as if it had never listened. */
function interruptible(): { signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  const signals = ['SIGINT', 'SIGTERM'] as const
  const interrupt = () => {
    if (controller.signal.aborted) {
      dispose()
      process.kill(process.pid, 'SIGINT')
    }
    controller.abort()
  }
  const dispose = () => {
    for (const name of signals) process.off(name, interrupt)
  }
  for (const name of signals) process.on(name, interrupt)
  return { signal: controller.signal, dispose }
}

/** Whoever read the help through a pipe has seen enough of it. */
function readerLeft(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

async function end(error: unknown): Promise<void> {
  const { endingOf, isHelp } = await import('./ending.js')
  if (isHelp(error)) return
  const { exitCode, text } = endingOf(error, (await import('./config.js')).wantsStacks())
  process.exitCode = exitCode
  process.stderr.write(text)
}
