import { type Fetch, oauthFetch } from './oauth-fetch.js'
import { openTokenCache, type TokenCache } from './token-cache.js'
import type { ProxyOptions } from './types.js'

/** What everything about one login stands on. */
export interface LoginContext {
  options: ProxyOptions
  cache: TokenCache
  fetch: Fetch
  /** Ends whatever is under way. */
  ending?: AbortSignal | undefined
}

/** A client's own login and a person's through the same client are two logins. */
const profileOf = ({ profile, clientCredentials }: ProxyOptions): string =>
  clientCredentials ? `${profile} (client)` : profile

/** @param ending ends whatever is under way, requests and waits for siblings alike */
export function openContext(given: ProxyOptions, ending?: AbortSignal): LoginContext {
  const options = { ...given, profile: profileOf(given) }
  const { url, profile, clientId, resource, directory, store, say } = options
  const cache = openTokenCache({ url, profile, clientId, resource, directory, store, say, keyringLikely })
  return { options, cache, fetch: oauthFetch({ ...options, ending }), ending }
}

/** Without a session bus a Linux keyring cannot be there, and asking may start one that hangs. */
const keyringLikely = async (): Promise<boolean> =>
  process.platform !== 'linux' || (await import('../environment.js')).readDesktop().sessionBus
