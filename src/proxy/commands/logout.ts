import { isZukoError } from '../../errors.js'
import { type LoginContext, openContext } from '../context.js'
import { GrantRefused } from '../grants.js'
import { waitForLock } from '../lock.js'
import { grantsOf } from '../refresh.js'
import type { Credential } from '../token-cache.js'
import type { ProxyOptions } from '../types.js'
import type { Report } from './words.js'

export type LogoutReport = { url: string; loggedOut: boolean; revoked: boolean }

/**
 * `proxy logout`: removes the login here, then has the server end it (RFC 7009). Removing never depends on the
 * server; when that cannot be reached, the words say so.
 */
export async function logoutCommand(options: ProxyOptions): Promise<Report<LogoutReport>> {
  const context = openContext(options)
  const { cache } = context
  const url = options.url.href
  const lock = await waitForLock(options.directory, `${cache.name}.refresh`, 60_000)
  try {
    const kept = await cache.credential()
    await cache.forget()
    if (!kept) return { lines: [`Not signed in to ${url}.`], data: { url, loggedOut: false, revoked: false } }
    const problem = await revokeAll(context, kept)
    const lines = [`Signed out of ${url}.`, ...(problem ? [problem] : [])]
    return { lines, data: { url, loggedOut: true, revoked: problem === undefined } }
  } finally {
    await lock.release()
  }
}

/** The refresh token first: ending it ends what could still be renewed. Answers what could not be ended. */
async function revokeAll(context: LoginContext, kept: Credential): Promise<string | undefined> {
  const { revocationEndpoint, refreshToken, accessToken, issuer } = kept
  if (!revocationEndpoint) return `${issuer} has no way to end tokens early; they end by themselves.`
  try {
    const grants = await grantsOf(context, kept)
    if (refreshToken) await grants.revoke(refreshToken, 'refresh_token')
    await grants.revoke(accessToken, 'access_token').catch((error: unknown) => {
      if (!(error instanceof GrantRefused) || !refreshToken) throw error
    })
    return undefined
  } catch (error) {
    if (!isZukoError(error) && !(error instanceof GrantRefused)) throw error
    return `${issuer} could not be told; its tokens end by themselves. ${error.message}`
  }
}
