import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, conversation } from '../client.js'

const QUIET = {
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
}

/** The stand-in as a vendor that speaks chat completions. */
const settings = (base: string) => ({
  autoupdate: false,
  share: 'disabled',
  model: 'stand-in/m',
  provider: {
    'stand-in': {
      npm: '@ai-sdk/openai-compatible',
      name: 'Stand-in',
      options: { baseURL: `${base}/v1`, apiKey: 'not-a-key' },
      models: { m: { name: 'm' } },
    },
  },
})

export const opencode: Client = {
  id: 'opencode',
  name: 'opencode',
  package: 'opencode-ai',
  transports: ['http', 'proxy'],
  needsTerminal: true,
  how: '`zuko-mcp connect opencode`; `opencode mcp auth zuko`; one `opencode run` for each call',
  async open({ transport, home, connect, model, run, terminal }) {
    const folder = join(home, '.config', 'opencode')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'opencode.json'), JSON.stringify(settings(model.base), null, 2))
    await connect('opencode')
    const session = conversation(model, () => run('opencode', ['run', '--auto', 'Use Zuko.'], { env: QUIET }))

    async function login(): Promise<string> {
      if (transport === 'proxy') return session.call('list_organizations', {})
      const shell = await terminal(QUIET)
      const words = await shell.line('opencode mcp auth zuko')
      shell.close()
      return words
    }
    return { ...session, login }
  },
}
