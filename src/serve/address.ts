import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'

/** Some proxies add the caller's port: `203.0.113.7:1234`, `[2001:db8::1]:1234`. */
const WITH_PORT = /^(?:\[([^\]]{1,64})\]|([\d.]{7,15})):\d{1,5}$/

/**
 * Whose allowance an address draws on: an IPv4 address its own, an IPv6 address that of its /64, since one
 * caller holds all of that (RFC 6177). What is no address shares one allowance.
 */
export function addressKey(address: string | undefined): string {
  const [, v6, v4] = WITH_PORT.exec(address ?? '') ?? []
  const bare = v6 ?? v4 ?? address ?? ''
  if (!ipaddr.isValid(bare)) return 'unknown'
  const parsed = ipaddr.process(bare)
  if (parsed.kind() === 'ipv4') return parsed.toString()
  return `${Buffer.from(parsed.toByteArray().slice(0, 8)).toString('hex')}/64`
}

/** The same for who sent a request: express's `ip` (with TRUST_PROXY the forwarded address), or the socket's. */
export const callerAddress = (req: IncomingMessage): string =>
  addressKey((req as { ip?: string }).ip ?? req.socket.remoteAddress)
