import { openContext } from '../context.js'
import { type Credential, isAlive, scopes } from '../token-cache.js'
import type { ProxyOptions } from '../types.js'
import { printable, type Report, subjectOf } from './words.js'

/** One login, without anything secret. */
export interface LoginStatus {
  url: string
  profile: string
  /** Who, where the token says so; not verified. */
  subject: string | null
  issuer: string
  clientId: string
  scopes: string[]
  state: 'signed in' | 'renews at the next call' | 'expired'
  /** ISO 8601; null where the server did not say. */
  expiresAt: string | null
  store: 'keyring' | 'file'
}

/** `proxy status`: every login of this user, of any server and profile. */
export async function statusCommand(options: ProxyOptions): Promise<Report<LoginStatus[]>> {
  const { cache } = openContext(options)
  const store = (await cache.kind()) ?? 'file'
  const data = (await cache.list()).map((credential) => statusOf(credential, store, options.now()))
  const none = 'No logins are kept. To sign in: zuko-mcp proxy login [url]'
  return { data, lines: data.length > 0 ? data.flatMap(describe) : [none] }
}

function statusOf(credential: Credential, store: 'keyring' | 'file', now: number): LoginStatus {
  const { url, profile, issuer, clientId, grantedScope, scope, expiresAt } = credential
  const alive = isAlive(credential, now)
  const ended = credential.refreshToken ? 'renews at the next call' : 'expired'
  return {
    url,
    profile,
    subject: subjectOf(credential) ?? null,
    issuer,
    clientId: printable(clientId),
    scopes: scopes(grantedScope ?? scope).map(printable),
    state: alive ? 'signed in' : ended,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    store,
  }
}

function describe({
  url,
  profile,
  subject,
  issuer,
  scopes: granted,
  state,
  expiresAt,
  store,
}: LoginStatus): string[] {
  const who = subject === null ? '' : ` as ${subject}`
  const until = expiresAt === null ? '' : ` (token until ${expiresAt})`
  return [
    `${url}${profile === 'default' ? '' : ` [${profile}]`}: ${state}${who}${until}`,
    `  issuer ${issuer}; scopes ${granted.join(' ') || 'not named'}; kept in ${store === 'keyring' ? 'an encrypted file, key in the keyring' : 'a private file'}`,
  ]
}
