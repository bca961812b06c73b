import { lookup } from 'node:dns/promises'
import { request } from 'node:https'
import ipaddr from 'ipaddr.js'

const TIMEOUT_MS = 5000
const MAX_BYTES = 5 * 1024

/** Fetches one JSON document, or throws. What went wrong is for nobody outside to tell apart. */
export type DocumentFetch = (url: URL) => Promise<unknown>

export interface FetchEnvironment {
  resolve(host: string): Promise<string[]>
  allowed(address: string): boolean
  /** Extra trust anchors, for tests. */
  ca?: string
}

/** The only part of IPv6 that is handed out to the public internet: 2000::/3 (RFC 4291 §2.4, IANA). */
const isGlobal = ({ parts }: ipaddr.IPv6): boolean => ((parts[0] ?? 0) & 0xe000) === 0x2000

/** True for an address on the public internet: neither ours, nor a neighbour's, nor a translation of one. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.process(address)
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || isGlobal(parsed))
}

const publicInternet: FetchEnvironment = {
  resolve: async (host) => (await lookup(host, { all: true })).map((entry) => entry.address),
  allowed: isPublicAddress,
}

/**
 * A fetch for documents that strangers name (Client ID Metadata Documents): https on the standard port of a
 * named host, resolved once and connected to exactly that address, every address of the name being public;
 * no redirects, 5 s, 5 KiB, JSON only, nothing of ours sent along.
 */
export function createDocumentFetch(environment: FetchEnvironment = publicInternet): DocumentFetch {
  return async (url) => {
    const named =
      url.protocol === 'https:' &&
      url.hostname.includes('.') &&
      !ipaddr.isValid(url.hostname.replace(/[[\]]/g, ''))
    if (!named) throw new Error('not an https URL of a named host')
    const addresses = await environment.resolve(url.hostname)
    const [address] = addresses
    if (!address || !addresses.every(environment.allowed)) throw new Error('not a public address')
    return JSON.parse(await readDocument(url, address, environment.ca))
  }
}

function readDocument(url: URL, address: string, ca: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent: false,
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      lookup: (_host, options, done) => {
        const family = address.includes(':') ? 6 : 4
        if (options.all) done(null, [{ address, family }])
        else done(null, address, family)
      },
      ...(ca ? { ca } : {}),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const type = incoming.headers['content-type'] ?? ''
      if (
        incoming.statusCode !== 200 ||
        !/^application\/([\w.-]+\+)?json\b/i.test(type) ||
        incoming.headers['content-encoding']
      ) {
        outgoing.destroy(new Error('not a JSON document'))
        return
      }
      const chunks: Buffer[] = []
      let size = 0
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BYTES) outgoing.destroy(new Error('too large'))
        else chunks.push(chunk)
      })
      incoming.on('error', reject)
      incoming.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    })
    outgoing.end()
  })
}
