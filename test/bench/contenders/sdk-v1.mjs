// The stateless server of SDK v1: a server and a transport for each request, on Express, with its bearer guard.
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { queries, ready, resultOf, tokens } from './queries.mjs'
import { tools } from './tools.mjs'

const verifier = {
  async verifyAccessToken(token) {
    const userId = tokens.get(token)
    if (userId === undefined) throw new Error('unknown token')
    return { token, clientId: 'bench', scopes: [], expiresAt: Date.now() / 1000 + 900, extra: { userId } }
  },
}

function createServer() {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  for (const { name, title, description, input, output, annotations } of tools) {
    const words = { title, description, inputSchema: input.shape, outputSchema: output.shape, annotations }
    server.registerTool(name, words, (args, { authInfo }) =>
      resultOf(queries[name](authInfo.extra.userId, args)),
    )
  }
  return server
}

const app = createMcpExpressApp()
app.post('/api/mcp', requireBearerAuth({ verifier }), async (req, res) => {
  const server = createServer()
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined })
  res.on('close', () => {
    void transport.close()
    void server.close()
  })
  await server.connect(transport)
  await transport.handleRequest(req, res, req.body)
})
const listening = app.listen(0, '127.0.0.1', () => ready(listening.address().port))
