import http from 'node:http'
import type { ProxyEnvironment } from '../environment.js'
import { ZukoError } from '../errors.js'
import { isExempt } from './no-proxy.js'

export type ProxyVariables = Pick<ProxyEnvironment, 'httpProxy' | 'httpsProxy' | 'noProxy'>

/** The HTTP proxy in front of an address, if the environment puts one there. Loopback is always reached directly. */
export function proxyFor(url: URL, { httpProxy, httpsProxy, noProxy }: ProxyVariables): URL | undefined {
  const text = url.protocol === 'https:' ? httpsProxy : httpProxy
  if (!text || isExempt(url, `localhost,127.0.0.0/8,[::1],${noProxy}`)) return undefined
  const proxy = text.includes('://') ? text : `http://${text}`
  if (URL.canParse(proxy) && /^https?:$/.test(new URL(proxy).protocol)) return new URL(proxy)
  throw new ZukoError('CONFIGURATION', 'The HTTP proxy in the environment is not an http or https address.', {
    fix: 'write HTTPS_PROXY like http://proxy.example.com:3128',
  })
}

/** Connections to one address that are kept and used again, through a tunnel where the environment asks for it. */
export async function agentFor(url: URL, variables: ProxyVariables, connectMs: number): Promise<http.Agent> {
  const proxy = proxyFor(url, variables)
  if (proxy) return (await import('./tunnel.js')).tunnelAgent(proxy, url, connectMs)
  const Agent = url.protocol === 'https:' ? (await import('node:https')).Agent : http.Agent
  return new Agent({ keepAlive: true })
}
