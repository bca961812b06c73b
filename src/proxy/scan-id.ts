/** Finds the top-level "id" of a JSON object that is too large to keep, from bytes as they pass. */
export interface IdScanner {
  push(bytes: Buffer): void
  id(): string | number | undefined
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPENING = [0x7b, 0x5b]
const CLOSING = [0x7d, 0x5d]

/** No id is longer than this; what is longer is not kept. */
const LONGEST_TOKEN = 1024

export function scanForId(): IdScanner {
  let depth = 0
  let inString = false
  let escaped = false
  let key = ''
  let token: number[] = []
  let id: string | number | undefined

  const settle = () => {
    if (key === '"id"') id = asId(Buffer.from(token).toString().trim()) ?? id
    key = ''
    token = []
  }
  const structure = (byte: number): boolean => {
    if (OPENING.includes(byte)) depth += 1
    else if (CLOSING.includes(byte)) {
      if (depth === 1) settle()
      depth -= 1
    } else if (depth !== 1) return false
    else if (byte === COLON) {
      key = Buffer.from(token).toString().trim()
      token = []
    } else if (byte === COMMA) settle()
    else return false
    return true
  }
  const keep = (byte: number) => {
    if (depth === 1 && token.length < LONGEST_TOKEN) token.push(byte)
  }
  const inside = (byte: number) => {
    keep(byte)
    if (escaped) escaped = false
    else if (byte === BACKSLASH) escaped = true
    else if (byte === QUOTE) inString = false
  }

  return {
    push(bytes) {
      for (const byte of bytes) {
        if (inString) inside(byte)
        else if (!structure(byte)) {
          keep(byte)
          inString = byte === QUOTE
        }
      }
    },
    id: () => id,
  }
}

function asId(text: string): string | number | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' || typeof value === 'number' ? value : undefined
  } catch {
    return undefined
  }
}
