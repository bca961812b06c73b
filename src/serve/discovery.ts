import { isSecureUrl } from '../config.js'
import { ZukoError } from '../errors.js'
import type { ReadJson } from './remote-json.js'

/**
 * Where an issuer's metadata may be, in the order of MCP basic/authorization: RFC 8414 section 3.1, the same with
 * OpenID's name, and OpenID Connect Discovery 1.0 section 4.
 */
export function metadataPlaces(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ]
}

async function readFirst(issuer: string, read: ReadJson): Promise<Record<string, unknown>> {
  let last: unknown
  for (const place of metadataPlaces(issuer)) {
    try {
      const metadata = await read(place)
      if (typeof metadata === 'object' && metadata !== null) return metadata as Record<string, unknown>
    } catch (error) {
      last = error
    }
  }
  throw new ZukoError('UNAVAILABLE', `${issuer} publishes no metadata.`, { cause: last })
}

/**
 * Finds where an issuer publishes its keys. Metadata that names another issuer is not used (RFC 8414 section 3.3).
 * @throws ZukoError UNAVAILABLE
 */
export async function discoverKeySet(issuer: string, read: ReadJson): Promise<string> {
  const { issuer: named, jwks_uri: keySet } = await readFirst(issuer, read)
  if (named !== issuer) {
    throw new ZukoError('UNAVAILABLE', `The metadata of ${issuer} names another issuer: ${quoted(named)}.`)
  }
  if (typeof keySet === 'string' && isSecureUrl(keySet)) return keySet
  throw new ZukoError('UNAVAILABLE', `The metadata of ${issuer} names no jwks_uri with https.`)
}

/** Somebody else's word in a message of ours. */
const quoted = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? 'none'
