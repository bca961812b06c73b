import { join } from 'node:path'
import type { Client } from './client.js'

export const geminiCli: Client = {
  id: 'gemini-cli',
  name: 'Gemini CLI',
  format: 'json',
  key: ['mcpServers'],
  files: ({ gemini, home }) => [join(gemini ?? home, '.gemini', 'settings.json')],
  projectFile: join('.gemini', 'settings.json'),
  via: 'http',
  http: (url) => ({ httpUrl: url }),
  program: ([command, ...args]) => ({ command, args }),
  ownCommand: ({ name, url }, scope) => [
    ...['gemini', 'mcp', 'add', '--transport', 'http'],
    ...(scope ? ['--scope', scope] : []),
    ...[name, url],
  ],
  next: (name) => `Type \`/mcp auth ${name}\` in a session to sign in.`,
}
