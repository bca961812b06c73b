// A legacy MCP server with node:http that costs next to nothing, in a process of its own. Prints its port.
import { createServer } from 'node:http'

const TEXT = JSON.stringify({
  tasks: Array.from({ length: 10 }, (_, id) => ({ id, title: `Task ${id}`, status: 'TODO' })),
})
const results = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: [{ name: 'list_tasks', inputSchema: { type: 'object' } }] }),
  'tools/call': () => ({ content: [{ type: 'text', text: TEXT }] }),
  ping: () => ({}),
}

const server = createServer((incoming, response) => {
  if (incoming.method !== 'POST') return response.writeHead(405, { allow: 'POST' }).end()
  const chunks = []
  incoming.on('data', (chunk) => chunks.push(chunk))
  incoming.on('end', () => {
    const { id, method, params } = JSON.parse(Buffer.concat(chunks))
    if (id === undefined) return response.writeHead(202).end()
    const result = results[method]?.(params ?? {})
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id,
      ...(result ? { result } : { error: { code: -32601, message: 'no' } }),
    })
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
