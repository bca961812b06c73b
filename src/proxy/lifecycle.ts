import type { Readable } from 'node:stream'

export interface Ends {
  input: Readable
  /** The wish that the command ends: SIGINT and SIGTERM. */
  signal: AbortSignal
  /** The host has said all it will say. What is under way may still be answered for a moment. */
  onInputEnd(): void
  /** Everything is over. */
  onEnd(): void
}

/** How often the parent is looked at, in milliseconds. A host that is killed may leave stdin open to others. */
const PARENT_CHECK_MS = 200

/** Watches for everything that ends the bridge: stdin's end, a signal, the parent's death. */
export function watchEnds({ input, signal, onInputEnd, onEnd }: Ends): { stop(): void } {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid !== parent) onEnd()
  }, PARENT_CHECK_MS)
  timer.unref()
  input.once('end', onInputEnd)
  input.once('close', onInputEnd)
  input.once('error', onEnd)
  process.on('SIGHUP', onEnd)
  if (signal.aborted) onEnd()
  signal.addEventListener('abort', onEnd)
  return {
    stop() {
      clearInterval(timer)
      process.off('SIGHUP', onEnd)
      signal.removeEventListener('abort', onEnd)
      input.off('end', onInputEnd)
      input.off('close', onInputEnd)
      input.destroy()
    },
  }
}

/** The work, or nothing once it has taken too long. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work.catch(() => {}), over])
  clearTimeout(timer)
}
