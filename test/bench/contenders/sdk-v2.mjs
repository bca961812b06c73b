// The plain SDK v2 server as its documentation shows it: both eras on Express, with its bearer guard.
import { createMcpExpressApp, requireBearerAuth } from '@modelcontextprotocol/express'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { queries, ready, resultOf, tokens } from './queries.mjs'
import { tools } from './tools.mjs'

const verifier = {
  async verifyAccessToken(token) {
    const userId = tokens.get(token)
    if (userId === undefined) throw new Error('unknown token')
    return { token, clientId: 'bench', scopes: [], expiresAt: Date.now() / 1000 + 900, extra: { userId } }
  },
}

const handler = createMcpHandler(({ authInfo }) => {
  const server = new McpServer({ name: 'bench', version: '1.0.0' })
  for (const { name, title, description, input, output, annotations } of tools) {
    const words = { title, description, inputSchema: input, outputSchema: output, annotations }
    server.registerTool(name, words, (args) => resultOf(queries[name](authInfo.extra.userId, args)))
  }
  return server
})
const app = createMcpExpressApp()
const serve = toNodeHandler(handler)
app.all('/api/mcp', requireBearerAuth({ verifier }), (req, res) => void serve(req, res, req.body))
const listening = app.listen(0, '127.0.0.1', () => ready(listening.address().port))
