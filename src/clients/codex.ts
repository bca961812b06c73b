import { join } from 'node:path'
import type { Client } from './client.js'

export const codex: Client = {
  id: 'codex',
  name: 'Codex',
  format: 'toml',
  key: ['mcp_servers'],
  files: ({ codex: own, home }) => [join(own ?? join(home, '.codex'), 'config.toml')],
  projectFile: join('.codex', 'config.toml'),
  via: 'http',
  http: (url) => ({ url }),
  program: ([command, ...args]) => ({ command, args }),
  ownCommand: ({ name, url }, scope) =>
    scope === 'project' ? undefined : ['codex', 'mcp', 'add', name, '--url', url],
  next: (name) => `Run \`codex mcp login ${name}\` to sign in.`,
}
