import { inputCapabilities } from './inputs.js'
import {
  type Call,
  type Json,
  META_CAPABILITIES,
  META_CLIENT_INFO,
  META_SERVER_INFO,
  META_VERSION,
  type Message,
  messageFrom,
  objectOr,
} from './message.js'

/** The two eras of MCP and the words of each in the other's: `initialize` (to 2025-11-25), `_meta` (from 2026-07-28). */

export const MODERN_VERSION = '2026-07-28'
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']
const LATEST_LEGACY = '2025-11-25'

/** JSON-RPC errors that only a modern server gives (2026-07-28 Streamable HTTP, Backward Compatibility). */
const MODERN_ERRORS = [-32020, -32021, -32022]

/** An error by which a modern server refuses a modern request; no reason to think of the other era. */
export const isModernError = (error: unknown): boolean =>
  MODERN_ERRORS.includes(objectOr(error).code as number)

/** Whether a refusal may be for the era: the others say that a login is missing, or that something is broken. */
export const tellsEra = (status: number): boolean => status < 500 && ![401, 403, 429].includes(status)

/** Who the host is, in the words of either era. */
export interface HostIdentity {
  clientInfo: unknown
  capabilities: Json
}

export function identityOf({ params, version }: Pick<Message, 'params' | 'version'>): HostIdentity {
  const meta = objectOr(params?._meta)
  return version === undefined
    ? { clientInfo: params?.clientInfo, capabilities: objectOr(params?.capabilities) }
    : { clientInfo: meta[META_CLIENT_INFO], capabilities: objectOr(meta[META_CAPABILITIES]) }
}

const FALLBACK_INFO = { name: 'zuko-mcp-proxy', version: '0' }

/** A legacy message with the `_meta` that a modern server asks for. */
export function toModern({ value, params }: Message, host: HostIdentity, extra: Json = {}): Message {
  const _meta = {
    ...objectOr(params?._meta),
    [META_VERSION]: MODERN_VERSION,
    [META_CLIENT_INFO]: host.clientInfo ?? FALLBACK_INFO,
    [META_CAPABILITIES]: host.capabilities,
    ...extra,
  }
  return messageFrom({ ...(value as Json), params: { ...params, _meta } })
}

/** The bridge's own ids never meet the host's: they are only ever sent upstream, each on a connection of its own. */
export const discoverRequest = (host: HostIdentity): Message =>
  toModern(messageFrom({ jsonrpc: '2.0', id: 'zuko-discover', method: 'server/discover' }), host)

/** Declares what the host can be asked for; nothing else of what it can do means anything to a legacy server. */
export const initializeRequest = ({ clientInfo, capabilities }: HostIdentity): Message =>
  messageFrom({
    jsonrpc: '2.0',
    id: 'zuko-initialize',
    method: 'initialize',
    params: {
      protocolVersion: LATEST_LEGACY,
      capabilities: inputCapabilities(capabilities),
      clientInfo: clientInfo ?? FALLBACK_INFO,
    },
  })

export const INITIALIZED = messageFrom({ jsonrpc: '2.0', method: 'notifications/initialized' })

/** The revision a legacy host is told: its own where we know it, else our latest. */
const legacyVersion = (requested: unknown): string =>
  LEGACY_VERSIONS.includes(requested as string) ? (requested as string) : LATEST_LEGACY

/** An InitializeResult in the words of a DiscoverResult. */
export function initializeFromDiscover(discover: Json, requested: unknown): Json {
  const { capabilities, instructions, _meta } = discover
  return {
    protocolVersion: legacyVersion(requested),
    capabilities: objectOr(capabilities),
    serverInfo: objectOr(_meta)[META_SERVER_INFO] ?? { name: 'unknown', version: '0' },
    ...(instructions !== undefined && { instructions }),
  }
}

/** A DiscoverResult in the words of an InitializeResult. */
export function discoverFromInitialize({ capabilities, instructions, serverInfo }: Json): Json {
  return {
    resultType: 'complete',
    supportedVersions: [MODERN_VERSION],
    capabilities: objectOr(capabilities),
    ...(instructions !== undefined && { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    ...(serverInfo !== undefined && { _meta: { [META_SERVER_INFO]: serverInfo } }),
  }
}

const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

/** How much has to happen for this to be logged; beyond all where it is no level. */
export const loudness = (level: unknown): number => {
  const at = LOG_LEVELS.indexOf(level as string)
  return at < 0 ? Number.POSITIVE_INFINITY : at
}

/** Results that a modern host may keep, hence with how long and for whom (server/utilities/caching). */
const CACHEABLE = [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]

/** A legacy server's result with what a modern host expects in each. */
export const completed = (result: Json, { method }: Call): Json => ({
  resultType: 'complete',
  ...(CACHEABLE.includes(method) && { ttlMs: 0, cacheScope: 'private' }),
  ...result,
})
