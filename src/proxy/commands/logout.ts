import { isZukoError } from '../../errors.js'
import { openContext } from '../context.js'
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
    const grants = kept && (await grantsOf(context, kept))
    await cache.forget()
    if (!kept || !grants) {
      return { lines: [`Not signed in to ${url}.`], data: { url, loggedOut: false, revoked: false } }
    }
    const problem = await revokeAll(grants, kept)
    const lines = [`Signed out of ${url}.`, ...(problem ? [problem] : [])]
    return { lines, data: { url, loggedOut: true, revoked: problem === undefined } }
  } finally {
    await lock.release()
  }
}

/** The refresh token first: ending it ends what could still be renewed. Answers what could not be ended. */
async function revokeAll(
  grants: Awaited<ReturnType<typeof grantsOf>>,
  { revocationEndpoint, refreshToken, accessToken, issuer }: Credential,
): Promise<string | undefined> {
  if (!revocationEndpoint) return `${issuer} has no way to end tokens early; they end by themselves.`
  try {
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
