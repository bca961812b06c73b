import { join } from 'node:path'
import type { Client } from './client.js'

/** Version 2 reads what version 1 did, and keeps servers one level deeper in files of its own. */
export const opencode: Client = {
  id: 'opencode',
  name: 'opencode',
  format: 'json',
  key: ['mcp'],
  newerKey: ['mcp', 'servers'],
  files: ({ config }) => [
    join(config, 'opencode', 'opencode.json'),
    join(config, 'opencode', 'opencode.jsonc'),
  ],
  projectFile: 'opencode.json',
  via: 'http',
  http: (url) => ({ type: 'remote', url }),
  program: (command) => ({ type: 'local', command }),
  ownCommand: ({ name, url }, scope) =>
    scope === 'project' ? undefined : ['opencode', 'mcp', 'add', name, '--url', url],
  next: (name) => `Run \`opencode mcp auth ${name}\` to sign in.`,
}
