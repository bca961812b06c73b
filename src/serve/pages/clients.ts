import { type Html, html } from './html.js'

export interface Snippet {
  /** Where it belongs: a terminal or a file. */
  label: string
  language: 'shell' | 'json' | 'toml'
  text: string
}

/** How one client is connected: a sentence or two, what to copy, and a link that installs where there is one. */
export interface ClientGuide {
  id: string
  name: string
  words: readonly Html[]
  snippets: readonly Snippet[]
  install?: string
}

const SERVER = 'zuko'

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** One word of a shell command: quoted only when it must be. */
const word = (text: string): string =>
  /^[\w:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const shell = (label: string, text: string): Snippet => ({ label, language: 'shell', text })
const file = (label: string, value: unknown): Snippet => ({ label, language: 'json', text: json(value) })

const claudeCode = (url: string): ClientGuide => ({
  id: 'claude-code',
  name: 'Claude Code',
  words: [
    html`Run the command, then type <code>/mcp</code> in a session, choose <code>zuko</code> and sign in.`,
  ],
  snippets: [shell('In a terminal', `claude mcp add --transport http ${SERVER} ${word(url)}`)],
})

const claudeDesktop = (url: string): ClientGuide => ({
  id: 'claude-desktop',
  name: 'Claude Desktop',
  words: [
    html`Settings, Developer, Edit Config opens the file. Quit and open Claude Desktop again afterwards. The bridge needs Node.js on that computer.`,
    html`A server that the internet can reach also works without a file: Settings, Connectors, Add custom connector, with the address above.`,
  ],
  snippets: [
    file('claude_desktop_config.json, through the bridge: every version', {
      mcpServers: { [SERVER]: { command: 'npx', args: ['-y', 'zuko-mcp', 'proxy', url] } },
    }),
    file('claude_desktop_config.json, for versions that read remote servers from it', {
      mcpServers: { [SERVER]: { type: 'http', url } },
    }),
  ],
})

/** cursor.com/docs/mcp/install-links: the configuration of one server, base64 inside a query. */
const cursorLink = (url: string): string =>
  `cursor://anysphere.cursor-deeplink/mcp/install?name=${SERVER}&config=${encodeURIComponent(
    Buffer.from(JSON.stringify({ url })).toString('base64'),
  )}`

const cursor = (url: string): ClientGuide => ({
  id: 'cursor',
  name: 'Cursor',
  words: [html`The button adds the server. By hand it is an entry of <code>~/.cursor/mcp.json</code>.`],
  install: cursorLink(url),
  snippets: [file('mcp.json', { mcpServers: { [SERVER]: { url } } })],
})

function vsCode(url: string): ClientGuide {
  const configuration = JSON.stringify({ name: SERVER, type: 'http', url })
  return {
    id: 'vs-code',
    name: 'VS Code',
    words: [html`The button and the command do the same. The tools then appear in agent mode of the chat.`],
    install: `vscode:mcp/install?${encodeURIComponent(configuration)}`,
    snippets: [shell('In a terminal', `code --add-mcp ${word(configuration)}`)],
  }
}

const codex = (url: string): ClientGuide => ({
  id: 'codex',
  name: 'Codex',
  words: [
    html`Run the command. If the sign-in page does not open by itself, run <code>codex mcp login zuko</code>.`,
  ],
  snippets: [
    shell('In a terminal', `codex mcp add ${SERVER} --url ${word(url)}`),
    {
      label: 'Or in ~/.codex/config.toml',
      language: 'toml',
      text: `[mcp_servers.${SERVER}]\nurl = ${JSON.stringify(url)}`,
    },
  ],
})

const geminiCli = (url: string): ClientGuide => ({
  id: 'gemini-cli',
  name: 'Gemini CLI',
  words: [html`Run the command, then type <code>/mcp auth zuko</code> in a session to sign in.`],
  snippets: [
    shell('In a terminal', `gemini mcp add --transport http ${SERVER} ${word(url)}`),
    file('Or in ~/.gemini/settings.json', { mcpServers: { [SERVER]: { httpUrl: url } } }),
  ],
})

/** The guides in the order of the front page. `url` is the endpoint, such as https://host/api/mcp. */
export const clientGuides = (url: string): ClientGuide[] =>
  [claudeCode, claudeDesktop, cursor, vsCode, codex, geminiCli].map((guide) => guide(url))
