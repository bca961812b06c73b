import { openChat } from '../chat.js'
import { type Client, conversation } from '../client.js'

/** No calls home, and every tool in the model's list instead of behind a search. */
const SETTINGS = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  DISABLE_ERROR_REPORTING: '1',
  ENABLE_TOOL_SEARCH: 'false',
  ANTHROPIC_API_KEY: 'not-a-key',
}

const TALK = ['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose']

const turn = (content: string) => ({ type: 'user', message: { role: 'user', content } })

export const claudeCode: Client = {
  id: 'claude-code',
  name: 'Claude Code',
  package: '@anthropic-ai/claude-code',
  transports: ['http', 'proxy'],
  needsTerminal: true,
  how: '`zuko-mcp connect claude-code`; `claude mcp login zuko`; one `claude -p` for all calls',
  async open({ transport, cwd, env, connect, model, terminal }) {
    const settings = { ...SETTINGS, ANTHROPIC_BASE_URL: model.base }
    await connect('claude-code')
    const chat = openChat('claude', [...TALK, '--allowedTools', 'mcp__zuko'], {
      cwd,
      env: { ...env, ...settings },
    })
    const session = conversation(model, () => chat.say(turn('Use Zuko.'), ({ type }) => type === 'result'))

    async function login(): Promise<string> {
      if (transport === 'proxy') return session.call('list_organizations', {})
      const shell = await terminal(settings)
      const words = await shell.line('claude mcp login zuko')
      shell.close()
      return words
    }
    return { ...session, login, close: chat.close }
  },
}
