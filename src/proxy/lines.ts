import { type IdScanner, scanForId } from './scan-id.js'

/** The largest message that is taken from the host or from the server, in bytes. */
export const MESSAGE_LIMIT = 8 * 1024 * 1024

const NEWLINE = 0x0a

export interface LineHandlers {
  /** Bytes that one line may have without its newline. */
  limit: number
  /** One line that is not empty, as it came, without its newline. */
  line(bytes: Buffer): void
  /** A line beyond the limit has ended; `id` is what its top-level "id" said, where it had one. */
  oversized(id: string | number | undefined): void
}

export interface LineSplitter {
  push(chunk: Buffer): void
  /** The stream has ended: what stands there without a newline is the last line. */
  end(): void
}

/** Splits bytes at newlines, so that no character is ever cut in two. Keeps at most `limit` bytes. */
export function splitLines({ limit, line, oversized }: LineHandlers): LineSplitter {
  let parts: Buffer[] = []
  let length = 0
  let scanner: IdScanner | undefined

  const take = (piece: Buffer) => {
    if (scanner) return scanner.push(piece)
    parts.push(piece)
    length += piece.length
    if (length <= limit) return
    scanner = scanForId()
    for (const part of parts) scanner.push(part)
    parts = []
  }
  const finish = () => {
    const [whole, ...more] = parts
    const tooLong = scanner
    const bytes = whole && more.length === 0 ? whole : Buffer.concat(parts)
    parts = []
    length = 0
    scanner = undefined
    if (tooLong) oversized(tooLong.id())
    else if (!isBlank(bytes)) line(bytes)
  }

  return {
    push(chunk) {
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        take(chunk.subarray(from, at))
        finish()
        from = at + 1
      }
      if (from < chunk.length) take(chunk.subarray(from))
    },
    end: finish,
  }
}

/** A line of spaces only; hosts on Windows end lines with a carriage return. */
const isBlank = (bytes: Buffer): boolean =>
  bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
