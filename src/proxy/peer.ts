import { discoverRequest, type HostIdentity, identityOf, initializeRequest, toModern } from './eras.js'
import { type HeaderList, mirroredHeaders } from './headers.js'
import { type LegacyOptions, type LegacySession, legacySession } from './legacy-session.js'
import type { Json, Message } from './message.js'
import { resultOf } from './reply.js'
import type { ToolHeaders } from './tool-list.js'

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
  /** The server answered as one that speaks the host's era. */
  speaksModern(): void
  /** The log level that a legacy host asked for; a modern server is told with each request. */
  wantLog(level: unknown): void
  /** Asks a server that refused the host's era whether it speaks the other. True when it does. */
  probe(message: Message, token: string | undefined): Promise<boolean>
}

export type Era = 'modern' | 'legacy'

export interface PeerOptions extends LegacyOptions {
  tools: ToolHeaders
}

export function createPeer(options: PeerOptions): Peer {
  const { tools } = options
  const legacy = legacySession(options)
  let foreignEra: Era | undefined
  let isModern = false
  let discovered: Json = {}
  let identity: HostIdentity = { clientInfo: undefined, capabilities: {} }
  let extra: Json = {}
  let probing: Promise<boolean> | undefined

  const askOther = async (message: Message, token: string | undefined): Promise<boolean> => {
    if (message.version === undefined) {
      const result = message.method === 'initialize' ? await discover(options, message, token) : undefined
      if (result) [discovered, foreignEra] = [result, 'modern']
      return result !== undefined
    }
    if (isModern || !(await legacy.open(initializeRequest(identityOf(message)), token))) return false
    foreignEra = 'legacy'
    return true
  }

  return {
    legacy,
    get foreignEra() {
      return foreignEra
    },
    get introduction() {
      return foreignEra === 'modern' ? discovered : legacy.introduction
    },
    outgoing(message) {
      const isForeign =
        foreignEra === 'modern' && message.version === undefined && message.method !== undefined
      const sent = isForeign ? toModern(message, identity, extra) : message
      if (sent.version !== undefined && foreignEra !== 'legacy') return modern(sent, tools)
      return { body: sent.text, headers: sent.method === 'initialize' ? [] : legacy.headers() }
    },
    ready(message, token) {
      const { method, version } = message
      const needsHandshake = version === undefined ? foreignEra === undefined : foreignEra === 'legacy'
      return needsHandshake && method !== 'initialize' ? legacy.ready(message, token) : undefined
    },
    opening(message, finished) {
      identity = identityOf(message)
      legacy.opening(message, finished)
    },
    speaksModern() {
      isModern = true
    },
    wantLog(level) {
      extra = { 'io.modelcontextprotocol/logLevel': level }
    },
    async probe(message, token) {
      if (foreignEra) return true
      probing ??= askOther(message, token).finally(() => {
        probing = undefined
      })
      return probing
    },
  }
}

/** What a modern server says of itself; undefined where there is none. */
async function discover(
  { wire, tools, ended: life }: PeerOptions,
  message: Message,
  token: string | undefined,
): Promise<Json | undefined> {
  const request = discoverRequest(identityOf(message))
  const { reply } = await wire.send({ method: 'POST', ...modern(request, tools), life }, token)
  return resultOf(reply)
}

/** A modern message with the headers that mirror it. */
const modern = (message: Message, tools: ToolHeaders): { body: string; headers: HeaderList } => ({
  body: message.text,
  headers: mirroredHeaders(message, tools.pathsOf(message.params?.name)),
})
