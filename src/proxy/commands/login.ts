import { openContext } from '../context.js'
import { parseChallenge } from '../discovery.js'
import { clientCredentialsMint, createRenewal, refreshMint } from '../refresh.js'
import { shareLogin } from '../shared-login.js'
import { type Credential, covers, isFresh } from '../token-cache.js'
import type { ProxyOptions } from '../types.js'
import { probe } from './probe.js'
import { asWhom, type Report, untilWhen } from './words.js'

export interface LoginCommandOptions extends ProxyOptions {
  /** Reads the address that a person pastes, where no browser can come back to this machine. */
  paste?: () => Promise<string | undefined>
  signal?: AbortSignal
}

export type LoginReport = { url: string; login: 'kept' | 'new' | 'not needed' }

/**
 * `proxy login`: signs in ahead. A login that still works, or can be renewed, is left as it is.
 * @throws ZukoError FAILED, UNAVAILABLE or INTERRUPTED
 */
export async function loginCommand(options: LoginCommandOptions): Promise<Report<LoginReport>> {
  const signal = options.signal ?? new AbortController().signal
  const context = openContext(options, signal)
  const { cache, fetch } = context
  const url = options.url.href
  const kept = await cache.credential()
  const mint = options.clientCredentials ? clientCredentialsMint(context) : refreshMint(context)
  const fresh = kept && isFresh(kept, options.now()) ? kept : await createRenewal(context, mint).renew()
  if (fresh && covers(fresh, options.scope)) {
    const { status, wwwAuthenticate } = await probe(fetch, options.url, fresh.accessToken)
    if (status !== 401) return signedIn(url, fresh, kept ? 'kept' : 'new')
    const renewed = await createRenewal(context, mint).renew({ token: fresh.accessToken, wwwAuthenticate })
    if (renewed) return signedIn(url, renewed, 'kept')
  }
  const { status, wwwAuthenticate } = await probe(fetch, options.url)
  if (status < 400 && !fresh) {
    return { lines: [`${url} needs no login to list its tools.`], data: { url, login: 'not needed' } }
  }
  const scope = options.scope ?? parseChallenge(wwwAuthenticate).scope
  const need = {
    status: 401 as const,
    wwwAuthenticate,
    refused: fresh?.accessToken,
    scope: options.scope && scope,
  }
  const login = shareLogin(context, need, { mayOpen: true, paste: options.paste, signal })
  return signedIn(url, await login.done, 'new')
}

const signedIn = (url: string, credential: Credential, login: 'kept' | 'new'): Report<LoginReport> => ({
  lines: [
    `${login === 'kept' ? 'Already signed in' : 'Signed in'} to ${url}${asWhom(credential)}, ${untilWhen(credential)}.`,
  ],
  data: { url, login },
})
