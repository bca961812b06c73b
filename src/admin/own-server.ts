import { ZukoError } from '../errors.js'
import type { AdminDeps } from './deps.js'

/**
 * For what only the embedded authorization server has.
 * @throws ZukoError FAILED where OAUTH_ISSUER names another in its place
 */
export async function ownServer({ config }: Pick<AdminDeps, 'config'>, what: string): Promise<void> {
  const { foreign } = await config()
  if (!foreign) return
  throw new ZukoError('FAILED', `${what} are the business of ${foreign.issuer}, which OAUTH_ISSUER names.`, {
    fix: 'look after them there, or unset OAUTH_ISSUER',
  })
}
