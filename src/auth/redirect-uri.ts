/**
 * Which redirect URIs a client may register (RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §4.1.3).
 * At authorization the URI must then equal a registered one, character for character; only the port of a
 * loopback URI may differ (RFC 8252 §7.3).
 */

const MAX_LENGTH = 2048
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/**
 * Private-use schemes of clients that do not use a reverse domain name (RFC 8252 §7.1 asks for one). An
 * allow-list, because a browser hands a foreign scheme to whatever program the system registered for it.
 */
const CLIENT_SCHEMES = [
  'claude',
  'cursor',
  'goose',
  'kiro',
  'lmstudio',
  'raycast',
  'trae',
  'vscode',
  'vscode-insiders',
  'vscodium',
  'warp',
  'windsurf',
  'zed',
]

const REVERSE_DOMAIN_SCHEME = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/

/** The host exactly as written, before the URL parser turns 127.1 or 0x7f000001 into 127.0.0.1. */
const writtenHost = (uri: string): string | undefined =>
  /^[a-z+.-]+:\/\/(\[[^\]]*\]|[^/?#:]*)/i.exec(uri)?.[1]?.toLowerCase()

/** Printable ASCII without space, backslash, quotes or wildcard: nothing that two parsers read differently. */
const PLAIN_CHARACTERS = /^[!#$%&'()+,\-./0-9:;=?@A-Z[\]_a-z~]+$/

/**
 * What is wrong with a redirect URI, in words for `error_description`, or null when it may be registered:
 * https on a named host, http on exactly localhost, 127.0.0.1 or [::1], or a known or reverse-domain scheme.
 */
export function redirectUriProblem(uri: string): string | null {
  if (uri.length > MAX_LENGTH) return `a redirect URI is longer than ${MAX_LENGTH} characters`
  if (!PLAIN_CHARACTERS.test(uri) || !URL.canParse(uri)) return 'a redirect URI is not an absolute URI'
  const url = new URL(uri)
  if (uri.includes('#')) return 'a redirect URI must not have a fragment'
  if (url.username || url.password || /^[^?]*\/\/[^/?]*@/.test(uri))
    return 'a redirect URI must not have credentials'
  const scheme = url.protocol.slice(0, -1)
  if (scheme === 'http') {
    return LOOPBACK_HOSTS.includes(writtenHost(uri) ?? '')
      ? null
      : 'an http redirect URI is for localhost, 127.0.0.1 or [::1] only'
  }
  if (scheme === 'https') {
    const host = writtenHost(uri)
    return host &&
      host === url.hostname &&
      host.includes('.') &&
      !host.endsWith('.') &&
      !/^[\d.]+$/.test(host)
      ? null
      : 'an https redirect URI needs a domain name'
  }
  if (CLIENT_SCHEMES.includes(scheme) || REVERSE_DOMAIN_SCHEME.test(scheme)) return null
  return `the scheme "${scheme}:" is not accepted for redirect URIs; a reverse domain name such as com.example.app: is`
}

/** True for a redirect to a program on the person's own computer. */
export const isLoopbackRedirect = (uri: string): boolean =>
  URL.canParse(uri) && new URL(uri).protocol === 'http:' && LOOPBACK_HOSTS.includes(new URL(uri).hostname)

/** What the consent screen shows as the place the person is sent to: a host, or a program's own scheme. */
export function redirectHost(uri: string): string {
  if (!URL.canParse(uri)) return 'an unknown place'
  const url = new URL(uri)
  return /^https?:$/.test(url.protocol) ? url.host : `${url.protocol}//${url.host}`
}
