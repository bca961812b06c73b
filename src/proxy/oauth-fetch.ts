import { isZukoError, ZukoError } from '../errors.js'

export type Fetch = typeof globalThis.fetch

const TIMEOUT_MS = 15_000
const MAX_BYTES = 256 * 1024
const MAX_REDIRECTS = 3

/**
 * The fetch of every OAuth request: answers within 15 seconds and 256 KiB, follows no redirect. The person's own
 * headers go to the MCP server's origin only, and never replace a header of the request.
 * @throws ZukoError UNAVAILABLE when the host does not answer; whoever asks keeps what it has
 */
export function oauthFetch(options: {
  fetch: Fetch
  url: URL
  headers: Record<string, string>
  /** Ends every request under way. */
  ending?: AbortSignal | undefined
}): Fetch {
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    if (url.origin === options.url.origin) addOwn(headers, options.headers)
    const signals = [init?.signal, options.ending, AbortSignal.timeout(TIMEOUT_MS)].filter(
      (signal) => signal != null,
    )
    const signal = AbortSignal.any(signals)
    try {
      const response = await options.fetch(url, { ...init, headers, signal, redirect: 'manual' })
      const { status, statusText } = response
      const body = await boundedBody(response)
      const hasBody = body.length > 0 && status !== 204 && status !== 304
      const answer = new Response(hasBody ? body : null, { status, statusText, headers: response.headers })
      Object.defineProperty(answer, 'url', { value: url.href })
      return answer
    } catch (error) {
      throw isZukoError(error) ? error : unreachable(url, error)
    }
  }
}

function addOwn(headers: Headers, own: Record<string, string>): void {
  for (const [name, value] of Object.entries(own)) {
    if (name.toLowerCase() !== 'authorization' && !headers.has(name)) headers.set(name, value)
  }
}

async function boundedBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new ZukoError('UNAVAILABLE', `An answer exceeded ${MAX_BYTES / 1024} KiB.`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

function unreachable(url: URL, error: unknown): ZukoError {
  const { name, cause, code } = error as { name?: string; code?: string; cause?: { code?: string } }
  const why = name === 'TimeoutError' ? 'within 15 seconds' : `(${cause?.code ?? code ?? 'no connection'})`
  return new ZukoError('UNAVAILABLE', `${url.host} does not answer ${why}.`, {
    fix: 'check the network, then try again',
    cause: error,
  })
}

/** What went wrong below a library's own error, if it was one of ours. */
export function ownCause(error: unknown): ZukoError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (isZukoError(at)) return at
  return undefined
}

export interface JsonAnswer {
  status: number
  /** The object that came, or undefined where it was none. */
  body: Record<string, unknown> | undefined
}

/** GETs a JSON document; follows a redirect within its origin, since some hosts add a slash. */
export async function getJson(fetch: Fetch, address: string | URL): Promise<JsonAnswer> {
  let url = new URL(address)
  for (let hops = 0; ; hops++) {
    const response = await fetch(url, { headers: { accept: 'application/json' } })
    const location = response.headers.get('location')
    const next = location && URL.canParse(location, url.href) ? new URL(location, url) : undefined
    if (response.status < 300 || response.status > 399 || !next) return readJson(response)
    if (hops === MAX_REDIRECTS || next.origin !== url.origin) return { status: 404, body: undefined }
    url = next
  }
}

/** A JSON object and its status; anything else has no body. */
export async function readJson(response: Response): Promise<JsonAnswer> {
  const { status } = response
  try {
    const body: unknown = JSON.parse(await response.text())
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
    return { status, body: isObject ? (body as Record<string, unknown>) : undefined }
  } catch {
    return { status, body: undefined }
  }
}
