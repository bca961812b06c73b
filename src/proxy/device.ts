import { ZukoError } from '../errors.js'
import type { LoginContext } from './context.js'
import { openGrants, readable } from './grants.js'
import { type LoginHooks, nobodyCame } from './login.js'
import { credentialFrom, type Found } from './preparation.js'
import { asClient, fixedClient, type OAuthClient, register, rememberedClient } from './registration.js'
import { safeUrl } from './safe-url.js'
import type { Credential } from './token-cache.js'

/** Registered with the client; no browser ever comes back to it. */
const UNUSED_REDIRECT = 'http://127.0.0.1/callback'

/**
 * RFC 8628: the person signs in on any device with a short code, and nothing listens here.
 * @throws ZukoError FAILED where the server does not offer it, or as `logIn`
 */
export async function logInByDevice(
  context: LoginContext,
  found: Found,
  hooks: LoginHooks,
): Promise<Credential> {
  const { options, cache, fetch } = context
  const { server, resource, scope } = found
  if (server.device_authorization_endpoint === undefined) {
    throw new ZukoError('FAILED', `${server.issuer} offers no device login.`, { fix: 'leave --device out' })
  }
  try {
    const client = await deviceClient(context, found)
    const grants = await openGrants(server, client, { fetch, now: options.now })
    const login = await grants.device({ resource, ...(scope === undefined ? {} : { scope }) })
    const url = safeUrl(login.url, 'verification_uri', options.url)
    const code = visible(login.userCode)
    hooks.announce({ url: url.href, code })
    options.say(`To sign in, go to ${url.href} and enter the code ${code}`)
    const patience = AbortSignal.timeout(options.authTimeoutMs)
    const signal = AbortSignal.any([hooks.signal, patience])
    const tokens = await login.tokens(signal).catch((error) => {
      throw patience.aborted ? nobodyCame(options.authTimeoutMs, options.url) : error
    })
    const credential = credentialFrom(found, client.clientId, tokens)
    await cache.save(credential, 'login')
    return credential
  } catch (error) {
    throw readable(error)
  }
}

const visible = (code: string): string => code.replace(/[^\x20-\x7e]/g, '').slice(0, 64)

async function deviceClient(
  { options, cache, fetch }: LoginContext,
  { server, scope }: Found,
): Promise<OAuthClient> {
  const fixed = await fixedClient(options, server)
  if (fixed) return fixed
  const remembered = await rememberedClient(cache, server.issuer, options.now())
  if (remembered) return asClient(remembered)
  return register(fetch, cache, server, { redirectUri: UNUSED_REDIRECT, scope, device: true })
}
