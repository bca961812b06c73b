import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, conversation } from '../client.js'

/** The stand-in as a model's vendor; nothing is looked up, nothing is sent home. */
const settings = (base: string): string => `model = "stand-in"
model_provider = "stand-in"
check_for_update_on_startup = false
mcp_oauth_credentials_store = "file"
[analytics]
enabled = false
[model_providers.stand-in]
name = "stand-in"
base_url = "${base}/v1"
wire_api = "responses"

`

const TALK = ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', 'Use Zuko.']

export const codex: Client = {
  id: 'codex',
  name: 'Codex CLI',
  package: '@openai/codex',
  transports: ['http', 'proxy'],
  how: '`zuko-mcp connect codex`; `codex mcp login zuko`, or `zuko-mcp proxy login` ahead of it; one `codex exec` for each call',
  async open({ transport, home, connect, signIn, model, run }) {
    const folder = join(home, '.codex')
    mkdirSync(folder, { recursive: true })
    appendFileSync(join(folder, 'config.toml'), settings(model.base))
    await connect('codex')
    const session = conversation(model, () => run('codex', TALK))
    const ownLogin = async () =>
      (await run('codex', ['mcp', 'login', 'zuko'])).text.replace(/^WARNING: proceeding.*$/m, '')
    const login = () => (transport === 'http' ? ownLogin() : signIn())
    return { ...session, login }
  },
}
