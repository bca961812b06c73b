import type { IncomingMessage } from 'node:http'
import { isJsonContentType } from '@modelcontextprotocol/server'
import { type Checked, INVALID_REQUEST, PARSE_ERROR, refuse } from './reply.js'

const MAX_BYTES = 256 * 1024
const MAX_DEPTH = 64
const RECEIVE_MS = 10_000

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\[]{}')

/**
 * Whether JSON text nests deeper than `limit`, seen from its bytes: `JSON.parse` itself takes any depth and
 * stalls on it. Text that is no JSON gets some answer, and then fails to parse.
 */
export function nestsDeeper(bytes: Buffer, limit: number): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (quoted) {
      if (byte === BACKSLASH) index++
      else if (byte === QUOTE) quoted = false
    } else if (byte === QUOTE) quoted = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > limit) return true
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
  }
  return false
}

/** How good a media range's match with JSON is: 0 for none. */
const specificity = (range: string): number => ['*/*', 'application/*', 'application/json'].indexOf(range) + 1

/**
 * Whether an Accept header leaves room for JSON (RFC 9110 section 12.5.1: the most specific range counts,
 * `q=0` excludes). An absent or empty header accepts everything.
 */
export function acceptsJson(accept: string | undefined): boolean {
  if (!accept?.trim()) return true
  const ranges = accept.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    const excluded = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    return { rank: specificity(range), excluded }
  })
  const best = ranges.filter(({ rank }) => rank > 0).sort((a, b) => b.rank - a.rank)[0]
  return best !== undefined && !best.excluded
}

const tooLarge = refuse(413, `The body is larger than ${MAX_BYTES / 1024} KiB. Send less in one call.`)
const notParsed = (problem: string) => refuse(400, `Parse error: ${problem}.`, { code: PARSE_ERROR })

/** What the headers alone say against reading the body; undefined when nothing does. */
function headersRefuse({ headers }: IncomingMessage) {
  if (!acceptsJson(headers.accept)) {
    return refuse(406, 'The Accept header excludes application/json, which every answer is.')
  }
  if (!isJsonContentType(headers['content-type'] ?? null)) {
    return refuse(
      415,
      'The Content-Type is not application/json. Send one JSON-RPC message as application/json.',
    )
  }
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    return refuse(415, 'The Content-Encoding is not identity. Send the body uncompressed.')
  }
  return Number(headers['content-length'] ?? 0) > MAX_BYTES ? tooLarge : undefined
}

/** Collects the body. What arrives after a refusal is thrown away by node, not kept. */
function receive(req: IncomingMessage, withinMs: number): Promise<Checked<Buffer>> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = (result: Checked<Buffer>) => {
      clearTimeout(timer)
      req.off('data', take)
      resolve(result)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > MAX_BYTES) settle(tooLarge)
    }
    const late = refuse(408, `The body did not arrive within ${withinMs / 1000} seconds.`, {
      headers: { Connection: 'close' },
    })
    const timer = setTimeout(() => settle(late), withinMs)
    req.on('data', take)
    req.once('end', () => settle(Buffer.concat(chunks)))
    req.once('close', () => settle(notParsed('the body ended early')))
    req.once('error', () => settle(notParsed('the body ended early')))
  })
}

function parse(bytes: Buffer): Checked<{ json: unknown }> {
  if (nestsDeeper(bytes, MAX_DEPTH)) {
    return refuse(400, `Invalid request: the body nests deeper than ${MAX_DEPTH} levels.`, {
      code: INVALID_REQUEST,
    })
  }
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) }
  } catch {
    return notParsed('the body is not JSON in UTF-8')
  }
}

/**
 * Reads a JSON body: application/json, not encoded, at most 256 KiB and 64 levels, received in 10 seconds.
 * Every refusal is a JSON-RPC error; none quotes the body.
 */
export async function readJson(
  req: IncomingMessage,
  withinMs = RECEIVE_MS,
): Promise<Checked<{ json: unknown }>> {
  const refused = headersRefuse(req)
  if (refused) return refused
  const received = await receive(req, withinMs)
  return 'refusal' in received ? received : parse(received)
}
