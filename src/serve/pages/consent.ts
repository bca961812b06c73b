import { html, plain, quoted } from './html.js'
import { layout } from './layout.js'

export interface ConsentPage {
  /** The signed authorization query, carried back unchanged. */
  query: string
  csrf: string
  client: {
    /** In the client's own words; shown as such. */
    name: string
    /** Where the code goes: a host with its port, or scheme and host for an app's own scheme (`cursor://…`). */
    redirectHost: string
    /** The client's own page, shown as text when it is http or https. */
    uri?: string | undefined
    verified: false
    /** The redirect goes to a loopback address. */
    loopback: boolean
  }
  person: { name: string; email: string }
  /** In the order to show; every one is checked at first. */
  scopes: readonly { name: string; sentence: string }[]
  /** Names of the organizations that this person belongs to. */
  organizations: readonly string[]
}

/** Names beyond this many wait behind a disclosure, so that the decision stays on the screen. */
const NAMES_AT_ONCE = 6

function destination({ redirectHost, loopback }: ConsentPage['client']) {
  const host = html`<bdi class="host">${plain(redirectHost, 300)}</bdi>`
  const place = loopback
    ? 'That is a program on this computer. Approve only if you have just started it yourself.'
    : redirectHost.includes('://')
      ? 'That is an app on this device. Approve only if you have just started it yourself.'
      : 'Approve only if you know this address and came from there.'
  return html`<div class="note caution"><p>You will be sent to ${host}</p><p>${place}</p></div>`
}

const ownPage = (uri: string | undefined) =>
  uri !== undefined &&
  /^https?:\/\//i.test(uri) &&
  html` The page it names as its own: <bdi>${plain(uri, 100)}</bdi>.`

const list = (names: readonly string[]) =>
  html`<ul class="names">${names.map((name) => html`<li>${quoted(name, 80)}</li>`)}</ul>`

function organizationNames(names: readonly string[]) {
  if (names.length === 0) return html`None yet: there is nothing to see until somebody adds you to one.`
  if (names.length <= NAMES_AT_ONCE) return list(names)
  const rest = names.slice(NAMES_AT_ONCE)
  return html`${list(names.slice(0, NAMES_AT_ONCE))}
<details><summary>and ${rest.length} more</summary>${list(rest)}</details>`
}

const facts = ({ query, person, organizations }: ConsentPage) => html`<dl class="facts">
<div><dt>Signed in as</dt>
<dd class="who"><span>${quoted(person.name, 80)} <span class="muted">${quoted(person.email, 254)}</span></span>
<form method="post" action="/auth/sign-out"><input type="hidden" name="query" value="${query}">
<button class="plain" type="submit">Use another account</button></form></dd></div>
<div><dt>${organizations.length === 1 ? 'Organization' : 'Organizations'} this concerns</dt>
<dd>${organizationNames(organizations)}</dd></div>
</dl>`

const scopeBox = ({ name, sentence }: ConsentPage['scopes'][number]) => html`<label class="scope">
<input type="checkbox" name="scope" value="${name}" checked>
<span>${sentence}<code>${name}</code></span></label>`

/**
 * Form POST /auth/consent with the hidden `query` and `csrf`, one checkbox `scope` per scope and the buttons
 * `decision`. Deny comes first, so that a stray Enter on a checkbox refuses.
 */
export const consentPage = (page: ConsentPage): string =>
  layout({
    title: 'Approve access',
    width: 'narrow',
    main: html`<div class="card">
<div>
<h1>“${quoted(page.client.name, 60)}” wants to use Zuko as you</h1>
<p class="small muted lead">Unverified: the program chose this name itself.${ownPage(page.client.uri)}</p>
</div>
${destination(page.client)}
${facts(page)}
<form method="post" action="/auth/consent">
<input type="hidden" name="query" value="${page.query}">
<input type="hidden" name="csrf" value="${page.csrf}">
<fieldset><legend>It asks to</legend>
${page.scopes.map(scopeBox)}
</fieldset>
<p class="small muted">Uncheck what you do not want to allow. With nothing checked, approving counts as denying.</p>
<div class="decide">
<button type="submit" name="decision" value="deny">Deny</button>
<button class="primary" type="submit" name="decision" value="approve">Approve</button>
</div>
</form>
</div>`,
    footer: html`This access can be withdrawn at any time: whoever runs this server can revoke it.`,
  })
