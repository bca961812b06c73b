import { html, plain, quoted } from './html.js'
import { layout } from './layout.js'

export interface SignInPage {
  /** The signed authorization query, carried back unchanged; empty for a sign-in that no client asked for. */
  query: string
  /** What was typed before, shown again after a refusal. */
  email?: string | undefined
  /** Why the last attempt was refused; one sentence that does not say which of the two was wrong. */
  error?: string | undefined
  /** Who asks, in the client's own unverified words. */
  client?: { name: string; host: string | null } | undefined
}

const asking = ({ name, host }: NonNullable<SignInPage['client']>) => html`<p class="lead">
<strong>“${quoted(name, 60)}”</strong> wants to connect. After you sign in you see what it asks for, and decide.</p>
<p class="small muted">The program chose this name itself; Zuko has not verified it.${
  host !== null && html` It will receive the answer at ${quoted(host, 300)}.`
}</p>`

/** Form POST /auth/sign-in with `email`, `password` and the hidden `query`. */
export function signInPage({ query, email = '', error, client }: SignInPage): string {
  const refused = error !== undefined && html` aria-invalid="true" aria-describedby="error"`
  const focus = html` autofocus`
  return layout({
    title: error === undefined ? 'Sign in' : 'Error: Sign in',
    width: 'narrow',
    main: html`<div class="card">
<div>
<h1>Sign in to Zuko</h1>
${client ? asking(client) : html`<p class="lead">Use the account of your organization’s CRM.</p>`}
</div>
${error !== undefined && html`<p class="note error" role="alert" id="error">${error}</p>`}
<form method="post" action="/auth/sign-in">
<input type="hidden" name="query" value="${query}">
<div>
<label for="email">Email</label>
<input class="field" id="email" name="email" type="email" value="${plain(email, 254)}" required
 autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="254"${refused}${email === '' && focus}>
</div>
<div>
<label for="password">Password</label>
<input class="field" id="password" name="password" type="password" required
 autocomplete="current-password" maxlength="1024"${refused}${email !== '' && focus}>
</div>
<button class="primary full" type="submit">Sign in</button>
</form>
</div>`,
    footer: html`No account, or the password is lost? Whoever runs this server can help.`,
  })
}
