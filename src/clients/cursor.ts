import { join } from 'node:path'
import type { Client } from './client.js'

export const cursor: Client = {
  id: 'cursor',
  name: 'Cursor',
  format: 'json',
  key: ['mcpServers'],
  files: ({ home }) => [join(home, '.cursor', 'mcp.json')],
  projectFile: join('.cursor', 'mcp.json'),
  via: 'http',
  http: (url) => ({ url }),
  program: ([command, ...args]) => ({ command, args }),
  /** cursor.com/docs/mcp/install-links: the configuration of one server, base64 inside a query. */
  installLink: ({ name, url }) => {
    const config = Buffer.from(JSON.stringify({ url })).toString('base64')
    return `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${encodeURIComponent(config)}`
  },
  next: (name) => `Cursor shows \`${name}\` among the MCP servers of its settings; sign in there.`,
}
