import type { Writable } from 'node:stream'

/** The only way to stdout: JSON-RPC, one message a line. */
export interface Writer {
  /** Writes one message, which must not hold a newline: in order and soon, with what is ready at the same time. */
  send(message: string): void
  /** Writes at once what would be written in a moment. */
  flush(): void
}

export interface WriterOptions {
  output: Writable
  /** Nobody reads any more (EPIPE and the like). */
  onGone(): void
  /** The reader is slow: true when it falls behind, false once it has caught up. */
  onPressure(behind: boolean): void
}

export function createWriter({ output, onGone, onPressure }: WriterOptions): Writer {
  let waiting = ''
  let isTaken = false
  let gone = false
  output.on('error', () => {
    gone = true
    onGone()
  })
  output.on('drain', () => onPressure(false))
  const flush = () => {
    const lines = waiting
    waiting = ''
    if (!gone && lines && !output.write(lines)) onPressure(true)
  }
  const endTurn = () => {
    isTaken = false
    flush()
  }
  return {
    send(message) {
      waiting += `${message}\n`
      if (isTaken) return
      isTaken = true
      setImmediate(endTurn)
      flush()
    },
    flush,
  }
}

/** Where a host reads. */
export const hostOutput = (): Writable => process.stdout

/** One line for a person or a script, from the commands that are no bridge. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`)
