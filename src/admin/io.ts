import { createInterface } from 'node:readline/promises'
import { type Readable, Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { ZukoError } from '../errors.js'

/** All that a command may touch of the terminal. */
export interface Io {
  /** One line of the answer, on stdout. */
  out(line: string): void
  /** One line for a person, on stderr. */
  err(line: string): void
  /** True when a person can be asked: stdin is a terminal. */
  isTTY: boolean
  /**
   * Asks a person for a secret and shows none of it. The question stands on stderr.
   * @throws ZukoError INTERRUPTED when the person leaves instead of answering
   */
  askHidden(question: string): Promise<string>
  /**
   * Asks a person for a yes or a no; anything but "y" or "yes" is a no. The question stands on stderr.
   * @throws ZukoError INTERRUPTED when the person leaves instead of answering
   */
  confirm(question: string): Promise<boolean>
  /**
   * One line on stderr that the next replaces and an empty one takes away: how far a long command is.
   * Shows nothing where stderr is no terminal.
   */
  status(line: string): void
  /**
   * Everything on stdin, without the newline at its end.
   * @throws ZukoError INTERRUPTED when the command is ended first
   */
  stdin(): Promise<string>
}

/** A terminal at both ends, for what needs all of it. */
export interface WholeTerminal {
  input: ReadStream
  output: WriteStream
}

/** The process's own terminal; undefined where either end is something else. */
export const wholeTerminal = ({
  stdin,
  stdout,
}: Pick<NodeJS.Process, 'stdin' | 'stdout'> = process): WholeTerminal | undefined =>
  stdin.isTTY && stdout.isTTY ? { input: stdin, output: stdout } : undefined

interface Streams {
  stdin: Readable & { isTTY?: boolean }
  stdout: Writable
  stderr: Writable & { isTTY?: boolean; columns?: number }
}

/** The process's own terminal, or streams that stand for it. */
export function terminalIo(signal: AbortSignal, streams: Streams = process): Io {
  const { stdin, stdout, stderr } = streams
  stdout.on('error', ignoreClosedPipe)
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    isTTY: stdin.isTTY === true,
    askHidden: (question) => ask(question, stdin, stderr, signal),
    confirm: async (question) => /^\s*y(es)?\s*$/i.test(await ask(question, stdin, stderr, signal, stderr)),
    status: statusLine(stderr),
    stdin: () => readAll(stdin, signal),
  }
}

function statusLine(screen: Streams['stderr']): Io['status'] {
  let shown = ''
  return (line) => {
    if (!screen.isTTY || line === shown) return
    screen.write(`\r\u001b[2K${line.slice(0, (screen.columns ?? 80) - 1)}`)
    shown = line
  }
}

/** A reader such as `head` may leave before the end. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

const interrupted = () => new ZukoError('INTERRUPTED', 'Interrupted; nothing changed.')

/** Asks for one line; what is typed is shown on `echo`, where one is given. */
async function ask(
  question: string,
  input: Readable,
  screen: Writable,
  signal: AbortSignal,
  echo?: Writable,
): Promise<string> {
  if (signal.aborted) throw interrupted()
  const output = echo ?? new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output, terminal: true, historySize: 0 })
  if (!echo) screen.write(question)
  try {
    return await new Promise<string>((resolve, reject) => {
      const leave = () => reject(interrupted())
      lines.once('SIGINT', leave).once('close', leave)
      signal.addEventListener('abort', leave, { once: true })
      lines.question(echo ? question : '').then(resolve, reject)
    })
  } finally {
    lines.close()
    if (!echo) screen.write('\n')
  }
}

async function readAll(input: Readable, signal: AbortSignal): Promise<string> {
  if (signal.aborted) throw interrupted()
  const chunks: Buffer[] = []
  const leave = () => input.destroy(interrupted())
  signal.addEventListener('abort', leave, { once: true })
  try {
    for await (const chunk of input) chunks.push(Buffer.from(chunk))
  } finally {
    signal.removeEventListener('abort', leave)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
