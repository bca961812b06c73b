import type { Writable } from 'node:stream'

/** The only way to stdout: JSON-RPC, one message a line. */
export interface Writer {
  /** Writes one message, which must not hold a newline. */
  send(message: Buffer | string): void
}

export interface WriterOptions {
  output: Writable
  /** Nobody reads any more (EPIPE and the like). */
  onGone(): void
  /** The reader is slow: true when it falls behind, false once it has caught up. */
  onPressure(behind: boolean): void
}

export function createWriter({ output, onGone, onPressure }: WriterOptions): Writer {
  let gone = false
  output.on('error', () => {
    gone = true
    onGone()
  })
  output.on('drain', () => onPressure(false))
  return {
    send(message) {
      if (gone) return
      const line = typeof message === 'string' ? `${message}\n` : Buffer.concat([message, NEWLINE])
      if (!output.write(line)) onPressure(true)
    },
  }
}

const NEWLINE = Buffer.from('\n')

/** Where a host reads. */
export const hostOutput = (): Writable => process.stdout

/** One line for a person or a script, from the commands that are no bridge. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)
