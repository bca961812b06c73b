import { ZukoError } from '../errors.js'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

export const isLoopbackUrl = (url: URL): boolean => LOOPBACK.includes(url.hostname)

/**
 * An address that a server named, if it may be used: https, or http on this machine where the MCP server itself
 * is on this machine; visible ASCII, without credentials or a fragment.
 * @throws ZukoError FAILED that names the field but never repeats a hostile value
 */
export function safeUrl(value: unknown, field: string, server: URL): URL {
  const text = typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value) ? value : ''
  const url = URL.canParse(text) ? new URL(text) : undefined
  const secure = url?.protocol === 'https:' && /^https:\/\/[^/\\]/i.test(text)
  const local = url?.protocol === 'http:' && isLoopbackUrl(url) && isLoopbackUrl(server)
  if (!url || (!secure && !local) || url.username || url.password || url.hash) {
    throw new ZukoError('FAILED', `The server's ${field} is not an address that is safe to use.`, {
      fix: `the server has to name an https address as its ${field}`,
    })
  }
  return url
}
