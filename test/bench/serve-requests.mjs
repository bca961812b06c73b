// The requests of both eras, as bytes.
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
}

function bytesOf(port, token, version, message, more) {
  const body = Buffer.from(JSON.stringify(message))
  const headers = {
    host: `localhost:${port}`,
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': version,
    ...more,
    'content-length': String(body.length),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`POST /api/mcp HTTP/1.1\r\n${lines.join('')}\r\n`), body])
}

/** `call` is a method with its params. */
export function requestOf({ port, token, era }, { method, params = {} }) {
  const message = { jsonrpc: '2.0', id: 1, method }
  if (era === 'legacy') return bytesOf(port, token, '2025-11-25', { ...message, params }, {})
  const named = params.name === undefined ? {} : { 'mcp-name': params.name }
  const modern = { ...message, params: { ...params, _meta: META } }
  return bytesOf(port, token, '2026-07-28', modern, { 'mcp-method': method, ...named })
}

export const tool = (name, args) => ({ method: 'tools/call', params: { name, arguments: args } })

/** The message of an answer: plain JSON or the one event of a stream, whole or in chunks. */
export function messageOf(answer) {
  const [, ...parts] = answer.toString().split('\r\n\r\n')
  const text = `\r\n${parts.join('\r\n\r\n')}`.replace(/\r\n[0-9a-f]+\r\n/g, '')
  return JSON.parse(text.slice(text.indexOf('{"'), text.lastIndexOf('}') + 1))
}
