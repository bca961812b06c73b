import type { Fetch } from '../oauth-fetch.js'

export interface Probe {
  status: number
  wwwAuthenticate: string | undefined
  /** The server's clock, Unix milliseconds, where it shows one. */
  date: number | undefined
  body: unknown
}

/**
 * Sends one harmless MCP request, a list of tools, and says how it was received. In both eras a server that needs
 * a login answers 401 before it looks any further.
 */
export async function probe(fetch: Fetch, url: URL, token?: string, modern = false): Promise<Probe> {
  const version = modern ? '2026-07-28' : '2025-11-25'
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      ...(modern ? { 'mcp-method': 'tools/list' } : {}),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: modern ? MODERN : {} }),
  })
  const date = Date.parse(response.headers.get('date') ?? '')
  return {
    status: response.status,
    wwwAuthenticate: response.headers.get('www-authenticate') ?? undefined,
    date: Number.isNaN(date) ? undefined : date,
    body: messageOf(await response.text()),
  }
}

const MODERN = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': { name: 'zuko-mcp doctor', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  },
}

/** The JSON of a plain reply, or of the last event of a stream. */
function messageOf(text: string): unknown {
  const events = text.split(/\r?\n/).filter((line) => line.startsWith('data:'))
  try {
    return JSON.parse(events.at(-1)?.slice(5) ?? text)
  } catch {
    return undefined
  }
}
