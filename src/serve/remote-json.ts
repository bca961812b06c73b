import { ZukoError } from '../errors.js'

/**
 * Reads a JSON document from one address.
 * @throws ZukoError UNAVAILABLE for any answer but a small JSON document; what `fetch` throws for none at all
 */
export type ReadJson = (url: string) => Promise<unknown>

const MAX_BYTES = 64 * 1024

async function readBounded(body: ReadableStream<Uint8Array>, url: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_BYTES) throw new ZukoError('UNAVAILABLE', `${url} is larger than ${MAX_BYTES} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Reads until `signal` aborts: JSON, at most 64 KiB, and from the address alone, whatever it redirects to. */
export const createReadJson =
  (fetch: typeof globalThis.fetch, signal: AbortSignal): ReadJson =>
  async (url) => {
    const accept = 'application/json, application/jwk-set+json'
    const response = await fetch(url, { redirect: 'manual', headers: { accept }, signal })
    const type = response.headers.get('content-type') ?? ''
    if (response.status !== 200 || !response.body || !/^application\/(jwk-set\+)?json\b/i.test(type)) {
      await response.body?.cancel()
      const kind = response.status === 200 ? ' and no JSON' : ''
      throw new ZukoError('UNAVAILABLE', `${url} answers with ${response.status}${kind}.`)
    }
    return JSON.parse(await readBounded(response.body, url))
  }
