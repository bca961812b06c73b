import { isIPv4 } from 'node:net'

/**
 * Whether NO_PROXY exempts a host: names (with or without a leading dot or `*.`) match themselves and what lies
 * below, an entry may end in a port, IPv4 ranges are written as CIDR, `*` exempts all.
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => matches(entry.toLowerCase(), host, port))
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return inRange(entry, host)
  const [, name = entry, wanted] = /^(\[.+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? []
  if (wanted !== undefined && wanted !== port) return false
  const bare = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '')
  return host === bare || host.endsWith(`.${bare}`)
}

function inRange(entry: string, host: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  if (!isIPv4(network) || !isIPv4(host) || !/^\d{1,2}$/.test(bits)) return false
  const shift = 32 - Number(bits)
  return shift >= 32 || (shift >= 0 && toNumber(network) >>> shift === toNumber(host) >>> shift)
}

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
