import { join } from 'node:path'
import { dataDirectory, proxyEnvironment } from '../environment.js'
import { fetchThrough } from './fetch.js'
import { headersFrom, portNumber, seconds, serverUrl } from './flags.js'
import type { ProxyOptions } from './types.js'

/** The flags of the room as commander gives them; a command that lacks one leaves it out. */
export interface Flags {
  browser?: boolean
  clientId?: string
  clientSecretFile?: string
  clientMetadataUrl?: string
  scope?: string
  header?: string[]
  headerFile?: string
  resource?: string
  callbackPort?: string
  profile?: string
  authTimeout?: string
  callTimeout?: string
  clientCredentials?: boolean
  device?: boolean
  store?: 'keyring' | 'file'
  allowUnencryptedHttp?: boolean
  json?: boolean
}

/** How long a sign-in may take where nothing else is said, in seconds. */
export const AUTH_TIMEOUT = '300'
/** How long a server may stay silent in a call where nothing else is said, in seconds. */
export const CALL_TIMEOUT = '300'

/** Where the room keeps its files, below the user's data directory. */
export const directories = (data: string): { logins: string; servers: string } => ({
  logins: join(data, 'logins'),
  servers: join(data, 'servers'),
})

/**
 * An address, the flags and the environment as the options of a session.
 * @throws ZukoError USAGE or CONFIGURATION
 */
export async function proxyOptions(address: string | undefined, flags: Flags): Promise<ProxyOptions> {
  const environment = proxyEnvironment()
  const { clientId, clientSecretFile, clientMetadataUrl, scope, resource, store, callbackPort } = flags
  const port = callbackPort === undefined ? undefined : portNumber('--callback-port', callbackPort)
  const { token } = environment
  return {
    ...present({
      clientId,
      clientSecretFile,
      clientMetadataUrl,
      scope,
      resource,
      store,
      token,
      callbackPort: port,
    }),
    url: serverUrl(address ?? environment.url, flags.allowUnencryptedHttp === true),
    profile: flags.profile ?? 'default',
    browser: flags.browser ?? true,
    clientCredentials: flags.clientCredentials === true,
    device: flags.device === true,
    headers: await headersFrom(flags.header ?? [], flags.headerFile),
    authTimeoutMs: seconds('--auth-timeout', flags.authTimeout ?? AUTH_TIMEOUT),
    directory: directories(dataDirectory()).logins,
    now: Date.now,
    fetch: fetchThrough(environment),
    say: (line) => process.stderr.write(`zuko-mcp: ${line}\n`),
  }
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The members that have a value. */
const present = <T extends object>(all: T): Present<T> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Present<T>
