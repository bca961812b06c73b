import { join } from 'node:path'
import type { Client, Server } from './client.js'

const configuration = ({ name, url }: Server): string => JSON.stringify({ name, type: 'http', url })

export const vsCode: Client = {
  id: 'vs-code',
  name: 'VS Code',
  format: 'json',
  key: ['servers'],
  files: ({ programs }) => [join(programs, 'Code', 'User', 'mcp.json')],
  projectFile: join('.vscode', 'mcp.json'),
  via: 'http',
  http: (url) => ({ type: 'http', url }),
  program: ([command, ...args]) => ({ type: 'stdio', command, args }),
  ownCommand: (server, scope) =>
    scope === 'project' ? undefined : ['code', '--add-mcp', configuration(server)],
  installLink: (server) => `vscode:mcp/install?${encodeURIComponent(configuration(server))}`,
  next: () => 'The tools appear in agent mode of the chat, and the first use asks you to sign in.',
}
