// FastMCP, stateless, as its README shows it. It knows the legacy era only.
import { FastMCP } from 'fastmcp'
import { freePort } from '../free-port.mjs'
import { queries, ready, resultOf, tokens } from './queries.mjs'
import { tools } from './tools.mjs'

const server = new FastMCP({
  name: 'bench',
  version: '1.0.0',
  authenticate: async (request) => {
    const userId = tokens.get(request.headers.authorization?.slice('Bearer '.length))
    if (userId === undefined) throw new Response(null, { status: 401 })
    return { userId }
  },
})
for (const { name, description, input, output, annotations } of tools) {
  server.addTool({
    name,
    description,
    parameters: input,
    outputSchema: output,
    annotations,
    execute: async (args, { session }) => resultOf(queries[name](session.userId, args)),
  })
}
const port = await freePort()
await server.start({
  transportType: 'httpStream',
  httpStream: { port, host: '127.0.0.1', endpoint: '/api/mcp', stateless: true },
})
ready(port)
