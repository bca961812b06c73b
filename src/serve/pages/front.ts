import type { ForeignServer } from '../../config.js'
import { OWN_NAMES, type ScopeNames } from '../../scope-names.js'
import { TOOLS } from '../../tools/index.js'
import { SCOPE_SENTENCES, SCOPES } from '../../tools/scopes.js'
import { type ClientGuide, clientGuides, connectCommand, type Snippet } from './clients.js'
import { type Content, type Html, html } from './html.js'
import { layout } from './layout.js'

export interface FrontPage {
  /** Public base URL without a trailing slash. */
  backendUrl: string
  /** The endpoint: `{backendUrl}/api/mcp`. */
  resource: string
  version: string
  /** Another product's authorization server, where people sign in in the place of here. */
  foreign?: ForeignServer | undefined
  /** Accounts of the demo store; only a demo shows any. */
  demo?: readonly { email: string; password: string }[] | undefined
}

/** The first sentence of a tool's description says what it does; the rest is for models. */
const firstSentence = (description: string): string => description.split(/(?<=\.)\s/, 1)[0] ?? ''

const RESOURCE = { path: '/.well-known/oauth-protected-resource/api/mcp', words: 'Resource metadata' }
const AUTHORIZATION_SERVER = [
  { path: '/.well-known/oauth-authorization-server/auth', words: 'Sign-in metadata' },
  { path: '/auth/jwks', words: 'Public keys' },
]

const code = (text: string) => html`<pre><code>${text}</code></pre>`

const snippet = ({ label, text }: Snippet) => html`<figure class="snippet"><figcaption>${label}</figcaption>
${code(text)}</figure>`

const guide = ({ id, name, words, snippets, install }: ClientGuide) => html`<article class="guide" id="${id}">
<div class="words"><h3>${name}</h3>
${words.map((paragraph) => html`<p class="muted">${paragraph}</p>`)}
${install !== undefined && html`<p><a class="button" href="${install}">Add to ${name}</a></p>`}
</div>
<div>${snippets.map(snippet)}</div>
</article>`

const signIn = (foreign: ForeignServer | undefined) =>
  foreign
    ? html`On first use the client opens the sign-in page of <code>${foreign.issuer}</code> in your browser. Where that server lets no client register itself, give the client an id that is registered there.`
    : html`On first use the client opens the sign-in page of this server in your browser. You sign in, see what the client asks for, and approve all of it, part of it, or nothing.`

function connect({ resource, foreign }: FrontPage) {
  const guides = clientGuides(resource)
  return html`<section aria-labelledby="connect"><h2 id="connect">Connect a client</h2>
<p class="prose muted">${signIn(foreign)}</p>
<p class="prose muted">By hand as below; or, on a computer with Node.js, <code>${connectCommand(resource)}</code> writes it where it belongs and keeps the rest of the file as it is.</p>
<ul class="jump">${guides.map(({ id, name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul>
${guides.map(guide)}
</section>`
}

const rows = (entries: readonly { term: Html; words: Content }[]) =>
  html`<dl class="rows">${entries.map(({ term, words }) => html`<div><dt>${term}</dt><dd>${words}</dd></div>`)}</dl>`

const demoSignIns = (demo: FrontPage['demo']) =>
  demo !== undefined &&
  demo.length > 0 &&
  html`<section aria-labelledby="demo"><h2 id="demo">Demo sign-ins</h2>
<p class="prose muted">This server runs on made-up data. Sign in as any of these people: email, then password.</p>
${rows(
  demo.map(({ email, password }) => ({
    term: html`<code>${email}</code>`,
    words: html`<code>${password}</code>`,
  })),
)}
</section>`

const tools = (
  names: ScopeNames,
) => html`<section aria-labelledby="tools"><h2 id="tools">What a client can do</h2>
<p class="prose muted">Each tool with the scope it needs. Every call is checked against your memberships at that moment.</p>
${rows(
  TOOLS.map(({ name, description, scope }) => ({
    term: html`<code>${name}</code> <code class="scope-name">${names[scope]}</code>`,
    words: firstSentence(description),
  })),
)}
</section>`

const scopes = (
  foreign: ForeignServer | undefined,
  names: ScopeNames,
) => html`<section aria-labelledby="scopes"><h2 id="scopes">What you can allow</h2>
${foreign === undefined && html`<p class="prose muted">You choose among them each time a client asks.</p>`}
${rows(SCOPES.map((scope) => ({ term: html`<code>${names[scope]}</code>`, words: SCOPE_SENTENCES[scope] })))}
</section>`

const documents = (backendUrl: string, pages: readonly { path: string; words: string }[]) =>
  rows(
    pages.map(({ path, words }) => ({
      term: html`<a href="${path}">${words}</a>`,
      words: html`<code>${backendUrl}${path}</code>`,
    })),
  )

function metadata({ backendUrl, resource, foreign }: FrontPage) {
  const protocol = foreign
    ? html`Tokens are JWTs of <code>${foreign.issuer}</code> for the audience <code>${resource}</code>.`
    : 'OAuth 2.1 with PKCE and open client registration; tokens are bound to this endpoint.'
  return html`<section aria-labelledby="metadata"><h2 id="metadata">For developers of clients</h2>
<p class="prose muted">Clients find everything by themselves, starting from a 401 of the endpoint. ${protocol}</p>
${documents(backendUrl, foreign ? [RESOURCE] : [RESOURCE, ...AUTHORIZATION_SERVER])}
</section>`
}

/** What this server is and how each client is connected to it. */
export function frontPage(page: FrontPage): string {
  const { resource, version, foreign, demo } = page
  const names = foreign?.scopeNames ?? OWN_NAMES
  return layout({
    title: 'Connect an AI client',
    width: 'wide',
    indexed: true,
    main: html`<h1>Your Zuko tasks, in the AI client you work with</h1>
<p class="lead">This server lets clients such as Claude, Cursor or Codex read and write tasks of your CRM. They act as you, within what you approve, and never beyond your own organizations.</p>
<figure class="snippet endpoint"><figcaption>Endpoint (MCP, POST only)</figcaption>
${code(resource)}</figure>
${demoSignIns(demo)}
${connect(page)}
${tools(names)}
${scopes(foreign, names)}
${metadata(page)}`,
    footer: html`zuko-mcp ${version}`,
  })
}
