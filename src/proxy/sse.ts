/** One event of a stream (WHATWG HTML, server-sent events). */
export interface ServerEvent {
  data: string
  id: string | undefined
}

export interface EventParser {
  /** @throws RangeError when one event is larger than the limit */
  push(chunk: Buffer): void
  /** The last event id, and how long to wait before a reconnect in milliseconds, where the server said so. */
  readonly lastId: string | undefined
  readonly retryMs: number | undefined
}

/** A longer wait than an hour is no wish, and more than a timer can hold is none at all. */
const LONGEST_RETRY_MS = 3_600_000

const LF = 0x0a
const CR = 0x0d

/** Parses events from bytes as they come; lines end with LF, CR or both. Comments and unknown fields are ignored. */
export function parseEvents(onEvent: (event: ServerEvent) => void, limit: number): EventParser {
  let rest: Buffer[] = []
  let restLength = 0
  let afterCr = false
  let data: Buffer[] = []
  let size = 0
  let lastId: string | undefined
  let retryMs: number | undefined

  const field = (name: string, value: Buffer) => {
    if (name === 'data') {
      data.push(value)
      size += value.length
    } else if (name === 'id') lastId = value.includes(0) ? lastId : value.toString()
    else if (name === 'retry' && /^\d+$/.test(value.toString()))
      retryMs = Math.min(Number(value.toString()), LONGEST_RETRY_MS)
  }
  const endOfLine = (line: Buffer) => {
    if (line.length > 0) {
      const colon = line.indexOf(0x3a)
      if (colon === 0) return
      const name = (colon < 0 ? line : line.subarray(0, colon)).toString()
      const from = line[colon + 1] === 0x20 ? colon + 2 : colon + 1
      return field(name, colon < 0 ? line.subarray(line.length) : line.subarray(from))
    }
    const lines = data
    data = []
    size = 0
    if (lines.length > 0) onEvent({ data: joined(lines), id: lastId })
  }
  const cut = (piece: Buffer): Buffer => {
    const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece])
    rest = []
    restLength = 0
    return line
  }

  return {
    push(chunk) {
      let from = afterCr && chunk[0] === LF ? 1 : 0
      for (let at = lineEnd(chunk, from); at >= 0; at = lineEnd(chunk, from)) {
        endOfLine(cut(chunk.subarray(from, at)))
        from = chunk[at] === CR && chunk[at + 1] === LF ? at + 2 : at + 1
      }
      afterCr = chunk[chunk.length - 1] === CR
      if (from < chunk.length) {
        rest.push(chunk.subarray(from))
        restLength += chunk.length - from
      }
      if (restLength + size > limit) throw new RangeError('event too large')
    },
    get lastId() {
      return lastId
    },
    get retryMs() {
      return retryMs
    },
  }
}

function lineEnd(chunk: Buffer, from: number): number {
  const lf = chunk.indexOf(LF, from)
  const end = lf < 0 ? chunk.length : lf
  const cr = chunk.subarray(from, end).indexOf(CR)
  return cr < 0 ? lf : from + cr
}

const joined = (lines: Buffer[]): string => lines.map((line) => line.toString('utf8')).join('\n')
