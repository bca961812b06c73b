import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, conversation } from '../client.js'

/** Nothing is sent home or updated, and the key of a model's vendor is asked for nowhere. */
const SETTINGS = {
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  // A model by name: else another one is asked first which it should be, in words that the stand-in does not speak.
  model: { name: 'gemini-2.5-flash' },
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
}

export const geminiCli: Client = {
  id: 'gemini-cli',
  name: 'Gemini CLI',
  package: '@google/gemini-cli',
  transports: ['http', 'proxy'],
  needsTerminal: true,
  how: '`zuko-mcp connect gemini-cli`; `/mcp auth zuko` at its prompt; one `gemini -p` for each call',
  async open({ transport, home, connect, model, run, terminal }) {
    mkdirSync(join(home, '.gemini'), { recursive: true })
    writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(SETTINGS, null, 2))
    await connect('gemini-cli')
    const env = {
      GEMINI_API_KEY: 'not-a-key',
      GOOGLE_GEMINI_BASE_URL: model.base,
      GEMINI_FORCE_FILE_STORAGE: 'true',
    }
    const session = conversation(model, () =>
      run('gemini', ['--approval-mode', 'yolo', '-p', 'Use Zuko.'], { env }),
    )

    async function login(): Promise<string> {
      if (transport === 'proxy') return session.call('list_organizations', {})
      const shell = await terminal(env)
      await shell.enter('gemini')
      await shell.until(/Type your message/)
      await shell.enter('/mcp auth zuko')
      await shell.until(/Do you want to continue/, 90)
      await shell.enter('')
      const words = await shell.until(/success|fail|denied|✕|error/i, 90)
      shell.close()
      return words
    }
    return { ...session, login }
  },
}
