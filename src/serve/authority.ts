import { authUrlOrDefault, type Config, type ServeRole } from '../config.js'
import { ZukoError } from '../errors.js'
import type { Log } from '../log.js'
import { foreignKeys, keysApart, type RemoteKeys, remoteKeys } from './remote-keys.js'

/**
 * What runs when nothing was asked for, or what was: the endpoint alone where the authorization server is elsewhere.
 * @throws ZukoError CONFIGURATION for an authorization server of ours where only another's tokens count
 */
export function roleOf({ authUrl, foreign }: Config, asked?: ServeRole): ServeRole {
  const role = asked ?? (authUrl || foreign ? 'mcp' : 'all')
  if (role === 'mcp' || !foreign) return role
  throw new ZukoError(
    'CONFIGURATION',
    `The role ${role} runs an authorization server, and OAUTH_ISSUER names another: ${foreign.issuer}.`,
    { fix: 'use the role mcp, or unset OAUTH_ISSUER' },
  )
}

/** The keys of the authorization server that is elsewhere. Another product's are asked for at once. */
export function keysElsewhere(config: Config, log: Log): RemoteKeys {
  const { foreign } = config
  if (!foreign) return remoteKeys(keysApart(authUrlOrDefault(config)), { log })
  const keys = remoteKeys(foreignKeys(foreign.issuer), { log })
  void keys.ready()
  return keys
}
