import {
  CLIENTS,
  type Client,
  type Folders,
  SERVER_NAME,
  type Server,
  type Via,
} from '../../clients/index.js'
import { commandLine, entryOf, snippetOf } from '../../clients/snippet.js'
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

/** Folders as people call them. */
const CALLED: Folders = {
  platform: 'linux',
  home: '~',
  config: '~/.config',
  programs: '…',
  claude: undefined,
  codex: undefined,
  gemini: undefined,
}

/** Sentences in which words to be typed stand between backticks. */
const prose = (text: string): Html =>
  html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`

const file = (client: Client, { name, url }: Server, via: Via, label: string): Snippet => ({
  label,
  language: client.format,
  text: snippetOf(client, name, entryOf(client, url, via)),
})

function snippetsOf(client: Client, server: Server): Snippet[] {
  const [path] = client.files(CALLED)
  if (client.via === 'proxy') {
    return [
      file(client, server, 'proxy', `In ${path}, through the bridge: every version`),
      file(client, server, 'http', `In ${path}, for versions that read remote servers from it`),
    ]
  }
  const command = client.ownCommand?.(server)
  if (!command) return [file(client, server, 'http', `In ${path}`)]
  return [
    { label: 'In a terminal', language: 'shell', text: commandLine(command) },
    file(client, server, 'http', `Or in ${path}`),
  ]
}

function guide(client: Client, server: Server): ClientGuide {
  const { id, name, via, notes = [] } = client
  const bridge = via === 'proxy' ? ['The bridge needs Node.js on that computer.'] : []
  const install = client.installLink?.(server)
  return {
    id,
    name,
    words: [client.next(server.name), ...notes, ...bridge].map(prose),
    snippets: snippetsOf(client, server),
    ...(install === undefined ? {} : { install }),
  }
}

/** The guides in the order of the front page. `url` is the endpoint, such as https://host/api/mcp. */
export const clientGuides = (url: string): ClientGuide[] =>
  CLIENTS.map((client) => guide(client, { name: SERVER_NAME, url }))

/** What writes the same into a client's file, on a computer with Node.js. */
export const connectCommand = (url: string): string =>
  commandLine(['npx', '-y', 'zuko-mcp', 'connect', 'CLIENT', '--url', url])
