import { join } from 'node:path'
import type { Client } from './client.js'

export const windsurf: Client = {
  id: 'windsurf',
  name: 'Windsurf',
  format: 'json',
  key: ['mcpServers'],
  files: ({ home }) => [join(home, '.codeium', 'windsurf', 'mcp_config.json')],
  via: 'http',
  http: (url) => ({ serverUrl: url }),
  program: ([command, ...args]) => ({ command, args }),
  next: (name) => `Refresh the MCP servers of Cascade, and sign in at \`${name}\`.`,
}
