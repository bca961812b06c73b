import { describe, expect, it } from 'vitest'
import { CLIENTS } from '../../src/clients/index.js'
import { type ClientGuide, clientGuides } from '../../src/serve/pages/clients.js'
import { frontPage } from '../../src/serve/pages.js'
import { TOOLS } from '../../src/tools/index.js'
import { SCOPE_SENTENCES, SCOPES } from '../../src/tools/scopes.js'
import { readMarkup } from './pages-markup.js'
import { abroad, front } from './pages-samples.js'

const URL_OF_SERVER = 'https://crm.example.com/api/mcp'
const guides = clientGuides(URL_OF_SERVER)

const guide = (id: string): ClientGuide => {
  const found = guides.find((one) => one.id === id)
  if (!found) throw new Error(`No guide for ${id}`)
  return found
}

const texts = (id: string, language: string): string[] =>
  guide(id)
    .snippets.filter((one) => one.language === language)
    .map(({ text }) => text)

const files = (id: string): unknown[] => texts(id, 'json').map((text) => JSON.parse(text))

describe('connecting', () => {
  it('Claude Code is one command', () => {
    expect(texts('claude-code', 'shell')).toEqual([`claude mcp add --transport http zuko ${URL_OF_SERVER}`])
  })

  it('Claude Desktop is a file, through the bridge or by address', () => {
    expect(files('claude-desktop')).toEqual([
      { mcpServers: { zuko: { command: 'npx', args: ['-y', 'zuko-mcp', 'proxy', URL_OF_SERVER] } } },
      { mcpServers: { zuko: { type: 'http', url: URL_OF_SERVER } } },
    ])
  })

  it('Cursor is a file, or a link that carries the same server', () => {
    expect(files('cursor')).toEqual([{ mcpServers: { zuko: { url: URL_OF_SERVER } } }])
    const link = new URL(guide('cursor').install ?? '')
    expect(link.protocol + link.host + link.pathname).toBe('cursor:anysphere.cursor-deeplink/mcp/install')
    expect(link.searchParams.get('name')).toBe('zuko')
    const config = Buffer.from(link.searchParams.get('config') ?? '', 'base64').toString()
    expect(JSON.parse(config)).toEqual({ url: URL_OF_SERVER })
  })

  it('VS Code is a command, or a link that carries the same server', () => {
    const server = { name: 'zuko', type: 'http', url: URL_OF_SERVER }
    const [command] = texts('vs-code', 'shell')
    expect(JSON.parse(/^code --add-mcp '(.*)'$/.exec(command ?? '')?.[1] ?? '')).toEqual(server)
    const [address, configuration] = (guide('vs-code').install ?? '').split('?')
    expect(address).toBe('vscode:mcp/install')
    expect(JSON.parse(decodeURIComponent(configuration ?? ''))).toEqual(server)
  })

  it('Codex is a command or a table of its TOML', () => {
    expect(texts('codex', 'shell')).toEqual([`codex mcp add zuko --url ${URL_OF_SERVER}`])
    const [toml] = texts('codex', 'toml')
    const [, url] = /^\[mcp_servers\.zuko\]\nurl = (".*")$/.exec(toml ?? '') ?? []
    expect(JSON.parse(url ?? '')).toBe(URL_OF_SERVER)
  })

  it('Gemini CLI is a command or a file with httpUrl', () => {
    expect(texts('gemini-cli', 'shell')).toEqual([`gemini mcp add --transport http zuko ${URL_OF_SERVER}`])
    expect(files('gemini-cli')).toEqual([{ mcpServers: { zuko: { httpUrl: URL_OF_SERVER } } }])
  })

  it('quotes an address that a shell would read otherwise', () => {
    const [claudeCode] = clientGuides('http://[::1]:3001/api/mcp')
    expect(claudeCode?.snippets[0]?.text).toBe(
      "claude mcp add --transport http zuko 'http://[::1]:3001/api/mcp'",
    )
  })
})

describe('the front page', () => {
  const page = frontPage(front)
  const { tags, text } = readMarkup(page)

  it('tells of every client that connect writes for, and of connect', () => {
    expect(guides.map(({ id }) => id)).toEqual(CLIENTS.map(({ id }) => id))
    expect(text).toContain(`npx -y zuko-mcp connect CLIENT --url ${URL_OF_SERVER}`)
  })

  it('shows the endpoint and every snippet whole, to be selected as one', () => {
    const copied = [...page.matchAll(/<pre><code>([^<]*)<\/code><\/pre>/g)].map(
      ([all]) => readMarkup(all).text,
    )
    expect(copied).toEqual([
      URL_OF_SERVER,
      ...guides.flatMap(({ snippets }) => snippets.map((one) => one.text)),
    ])
  })

  it('has the install links, unchanged by escaping', () => {
    const links = tags
      .flatMap(({ attributes }) => attributes.href ?? [])
      .filter((href) => /^(cursor|vscode):/.test(href))
    expect(links).toEqual([guide('cursor').install, guide('vs-code').install])
  })

  it('links every client, and the metadata of resource and sign-in', () => {
    const links = tags.filter(({ name }) => name === 'a').map(({ attributes }) => attributes.href)
    for (const { id } of guides) expect(links).toContain(`#${id}`)
    expect(links).toContain('/.well-known/oauth-protected-resource/api/mcp')
    expect(links).toContain('/.well-known/oauth-authorization-server/auth')
    expect(links).toContain('/auth/jwks')
  })

  it('says what each tool does, in one sentence, and the scope it needs', () => {
    for (const { name, scope, description } of TOOLS) {
      const [what = ''] = description.split('\n')
      const shown = new RegExp(`${name} ${scope}([^.]+\\.)`).exec(text)?.[1] ?? 'nothing'
      expect(what.startsWith(shown)).toBe(true)
    }
  })

  it('explains each scope in its own sentence', () => {
    for (const scope of SCOPES) expect(text).toContain(SCOPE_SENTENCES[scope])
  })

  it('shows sign-ins in a demo only', () => {
    expect(text).toContain('correct-horse')
    const { demo: _demo, ...real } = front
    for (const demo of [undefined, []]) expect(frontPage({ ...real, demo })).not.toContain('Demo sign-ins')
  })
})

describe('the front page where another product signs people in', () => {
  const { tags, text } = readMarkup(frontPage(abroad))

  it('names that server, for people and for developers', () => {
    expect(text).toContain(`the sign-in page of ${abroad.foreign.issuer}`)
    expect(text).toContain(`Tokens are JWTs of ${abroad.foreign.issuer} for the audience ${URL_OF_SERVER}`)
  })

  it('links the metadata of the resource, and none that is not here', () => {
    const links = tags.flatMap(({ attributes }) => attributes.href ?? [])
    expect(links).toContain('/.well-known/oauth-protected-resource/api/mcp')
    expect(links.filter((href) => href.includes('/auth'))).toEqual([])
  })

  it('names the scopes as that server does, with our sentences', () => {
    for (const name of ['organizations:read', 'crm.read', 'crm.write']) expect(text).toContain(name)
    expect(text).not.toContain('tasks:write')
    for (const scope of SCOPES) expect(text).toContain(SCOPE_SENTENCES[scope])
  })

  it('promises no choice among scopes, which is that server’s business', () => {
    expect(text).not.toContain('You choose among them')
    expect(text).not.toContain('part of it')
  })
})
