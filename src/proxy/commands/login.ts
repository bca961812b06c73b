import { type LoginContext, openContext } from '../context.js'
import { discoverResource } from '../discovery.js'
import { createRenewal, mintFor, ownTokenRefused } from '../refresh.js'
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
  const url = options.url.href
  const kept = await context.cache.credential()
  const working = await stillWorking(context, kept)
  if (working && covers(working, options.scope)) return signedIn(url, working, kept ? 'kept' : 'new')
  if (options.clientCredentials) throw ownTokenRefused()
  const { status, wwwAuthenticate } = await probe(context.fetch, options.url)
  if (status < 400 && !working && (await isOpen(context))) {
    return { lines: [`${url} needs no login.`], data: { url, login: 'not needed' } }
  }
  const refused = (working ?? kept)?.accessToken
  const need = { status: 401 as const, wwwAuthenticate, refused, scope: options.scope }
  const login = shareLogin(context, need, { mayOpen: true, paste: options.paste, signal })
  return signedIn(url, await login.done, 'new')
}

/** What is kept, renewed where the clock or the server asks for it; undefined where a person is needed. */
async function stillWorking(
  context: LoginContext,
  kept: Credential | undefined,
): Promise<Credential | undefined> {
  const { options, fetch } = context
  const { renew } = createRenewal(context, mintFor(context))
  const fresh = kept && isFresh(kept, options.now()) ? kept : await renew()
  if (!fresh) return undefined
  const { status, wwwAuthenticate } = await probe(fetch, options.url, fresh.accessToken)
  return status === 401 ? renew({ token: fresh.accessToken, wwwAuthenticate }) : fresh
}

/** A server that lists its tools for everybody may still ask for a login at a call, and then says who protects it. */
async function isOpen({ options, fetch }: LoginContext): Promise<boolean> {
  return (await discoverResource(fetch, options.url, {}, options.resource)).assumed
}

const signedIn = (url: string, credential: Credential, login: 'kept' | 'new'): Report<LoginReport> => ({
  lines: [
    `${login === 'kept' ? 'Already signed in' : 'Signed in'} to ${url}${asWhom(credential)}, ${untilWhen(credential)}.`,
  ],
  data: { url, login },
})
