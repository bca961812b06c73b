import { join } from 'node:path'
import type { Client } from './client.js'

export const claudeDesktop: Client = {
  id: 'claude-desktop',
  name: 'Claude Desktop',
  format: 'json',
  key: ['mcpServers'],
  files: ({ programs }) => [join(programs, 'Claude', 'claude_desktop_config.json')],
  via: 'proxy',
  http: (url) => ({ type: 'http', url }),
  program: ([command, ...args]) => ({ command, args }),
  next: () => 'Quit Claude Desktop and open it again.',
  notes: [
    'Settings, Developer, Edit Config opens the file.',
    'A server that the internet can reach also works without a file: Settings, Connectors, Add custom connector, with its address.',
  ],
}
