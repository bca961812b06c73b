import { join } from 'node:path'
import type { Client } from './client.js'

export const claudeCode: Client = {
  id: 'claude-code',
  name: 'Claude Code',
  format: 'json',
  key: ['mcpServers'],
  files: ({ claude, home }) => [join(claude ?? home, '.claude.json')],
  projectFile: '.mcp.json',
  via: 'http',
  http: (url) => ({ type: 'http', url }),
  program: ([command, ...args]) => ({ type: 'stdio', command, args }),
  ownCommand: ({ name, url }, scope) => [
    ...['claude', 'mcp', 'add', '--transport', 'http'],
    ...(scope ? ['--scope', scope] : []),
    ...[name, url],
  ],
  next: (name) => `Type \`/mcp\` in a new session, choose \`${name}\` and sign in.`,
}
