import { join } from 'node:path'
import type { Client } from './client.js'

export const zed: Client = {
  id: 'zed',
  name: 'Zed',
  format: 'json',
  key: ['context_servers'],
  files: ({ platform, config, home, programs }) => [
    platform === 'win32'
      ? join(programs, 'Zed', 'settings.json')
      : join(platform === 'darwin' ? join(home, '.config') : config, 'zed', 'settings.json'),
  ],
  projectFile: join('.zed', 'settings.json'),
  via: 'http',
  http: (url) => ({ url }),
  program: ([command, ...args]) => ({ command, args }),
  next: (name) => `Zed shows \`${name}\` in the settings of its Agent Panel; sign in there.`,
}
