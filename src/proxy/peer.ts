import { ZukoError } from '../errors.js'
import { type HostIdentity, identityOf, loudness, toModern } from './eras.js'
import { asModern, type HeaderList } from './headers.js'
import { type LegacySession, legacySession } from './legacy-session.js'
import { isObject, type Json, META_LOG_LEVEL, type Message, objectOr } from './message.js'
import { type Era, type OtherEraOptions, otherEra } from './other-era.js'

/** The server as the bridge knows it: its era, and what goes over the wire because of that. */
export interface Peer {
  readonly legacy: LegacySession
  /** Set where host and server are of different eras: the one that the server speaks. */
  readonly foreignEra: Era | undefined
  /** What the server said of itself when its foreign era was found. */
  readonly introduction: Json
  /** What is sent for a message of the host. */
  outgoing(message: Message): { body: string; headers: HeaderList }
  /** Resolves when the server has seen the handshake that a message needs; undefined where it has. */
  ready(message: Message, token: string | undefined): Promise<void> | undefined
  /** A host's `initialize` is on its way until `finished`. */
  opening(message: Message, finished: Promise<unknown>): void
  /** What the legacy host says it can be asked for. */
  readonly hostCapabilities: Json
  /** Says something to a legacy server; nobody waits for what it answers. @throws ZukoError UNAVAILABLE */
  tell(value: Json): Promise<void>
  /** The server answered as one that speaks the host's era. */
  speaksModern(): void
  /**
   * The log level that a host asked for: a modern server is told with each request, a legacy one when it is
   * lower than any before.
   */
  wantLog(level: unknown): Promise<void>
  /** Asks a server that refused the host's era whether it speaks the other. True when it does. */
  probe(message: Message, token: string | undefined): Promise<boolean>
}

export function createPeer(options: OtherEraOptions): Peer {
  const { tools } = options
  const onRefused = async (opener: Message, token: string | undefined) => {
    if (other.era === undefined && (await other.probe(opener, token))) options.onInitialized()
  }
  const legacy = legacySession({ ...options, onRefused })
  const other = otherEra(options, legacy)
  let identity: HostIdentity = { clientInfo: undefined, capabilities: {} }
  let extra: Json = {}
  let lowest: unknown

  return {
    legacy,
    get foreignEra() {
      return other.era
    },
    get introduction() {
      return other.introduction
    },
    outgoing(message) {
      const isForeign =
        other.era === 'modern' && message.version === undefined && message.method !== undefined
      const sent = isForeign ? toModern(message, identity, extra) : message
      if (sent.version !== undefined && other.era !== 'legacy') return asModern(sent, tools)
      return { body: sent.text, headers: sent.method === 'initialize' ? [] : legacy.headers() }
    },
    get hostCapabilities() {
      return identity.capabilities
    },
    tell: (value) => tell(options, legacy, value),
    ready(message, token) {
      const { method, version } = message
      const needsHandshake = version === undefined ? other.era === undefined : other.era === 'legacy'
      return needsHandshake && method !== 'initialize' ? legacy.ready(message, token) : undefined
    },
    opening(message, finished) {
      identity = identityOf(message)
      legacy.opening(message, finished)
    },
    speaksModern: other.speaksModern,
    async wantLog(level) {
      const logs = isObject(objectOr(other.introduction.capabilities).logging)
      if (other.era === 'modern') extra = { [META_LOG_LEVEL]: level }
      else if (logs && loudness(level) < loudness(lowest)) {
        lowest = level
        await tell(options, legacy, setLevel(level)).catch(() => {})
      }
    },
    probe: other.probe,
  }
}

const setLevel = (level: unknown): Json => ({
  jsonrpc: '2.0',
  id: 'zuko-log',
  method: 'logging/setLevel',
  params: { level },
})

async function tell(
  { wire, ended: life }: OtherEraOptions,
  legacy: LegacySession,
  value: Json,
): Promise<void> {
  const parcel = { method: 'POST', headers: legacy.headers(), body: JSON.stringify(value), life } as const
  const { reply } = await wire.send(parcel, await wire.token())
  reply.drop()
  if (reply.status >= 300) throw refused(reply.status)
}

const refused = (status: number): ZukoError =>
  new ZukoError('UNAVAILABLE', `The server answered HTTP ${status} to what it had asked for.`, {
    fix: 'try again',
  })
