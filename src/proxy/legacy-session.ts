import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'
import { INITIALIZED } from './eras.js'
import { atMost } from './lifecycle.js'
import type { Json, Message } from './message.js'
import { resultOf } from './upstream.js'
import type { Wire } from './wire.js'

/** How long a farewell may take, in milliseconds; nobody waits for it longer. */
const FAREWELL_MS = 150

/** How long requests are held back for the host's `notifications/initialized`, in milliseconds. */
const SETTLING_MS = 2_000

/** What an `initialize` opens at a legacy server: a revision, and a session where the server keeps one. */
export interface LegacySession {
  readonly id: string | undefined
  /** The server's InitializeResult. */
  readonly introduction: Json
  /** `MCP-Protocol-Version` and `Mcp-Session-Id`. */
  headers(): OutgoingHttpHeaders
  /** A host's `initialize` is on its way: others wait until it is `finished`. */
  opening(opener: Message, finished: Promise<unknown>): void
  /** A host's `notifications/initialized` is on its way; some servers refuse what overtakes it. */
  settling(finished: Promise<unknown>): void
  /** The server accepted an `initialize`. */
  opened(headers: IncomingHttpHeaders, result: Json): void
  /**
   * Resolves when the server has seen the handshake that comes before this message; shakes hands anew where it
   * was lost or never came through.
   */
  ready(message: Message, token: string | undefined): Promise<void>
  /** Shakes hands with this `initialize`. True when the server accepts it. */
  open(opener: Message, token: string | undefined): Promise<boolean>
  /** The server has seen `notifications/initialized`. */
  initialized(): void
  /** The server has forgotten the session. */
  lost(id: string): void
  /** Tells the server that the session is over (2025-11-25, Session Management). */
  farewell(): Promise<void>
}

export interface LegacyOptions {
  wire: Wire
  ended: AbortSignal
  /** The handshake with the host's own `initialize` is complete: the server may speak unasked now. */
  onInitialized(): void
}

export function legacySession({ wire, ended, onInitialized }: LegacyOptions): LegacySession {
  let id: string | undefined
  let introduction: Json = {}
  let opener: Message | undefined
  let isAccepted = false
  let underway: Promise<unknown> | undefined
  let settled: Promise<unknown> | undefined

  const session: LegacySession = {
    get id() {
      return id
    },
    get introduction() {
      return introduction
    },
    headers: () => ({
      ...(typeof introduction.protocolVersion === 'string' && {
        'MCP-Protocol-Version': introduction.protocolVersion,
      }),
      ...(id !== undefined && { 'Mcp-Session-Id': id }),
    }),
    opening(message, finished) {
      opener = message
      isAccepted = false
      underway = finished
    },
    opened(headers, result) {
      const given = headers['mcp-session-id']
      id = typeof given === 'string' ? given : undefined
      introduction = result
      isAccepted = true
    },
    settling(finished) {
      settled = atMost(SETTLING_MS, finished)
    },
    async ready({ method }, token) {
      await underway
      if (method !== 'notifications/initialized') await settled
      if (isAccepted || !opener) return
      underway = session.open(opener, token).catch(() => {})
      await underway
      if (isAccepted) onInitialized()
    },
    async open(message, token) {
      opener = message
      const sent = await post(wire, message, {}, ended, token)
      const result = await resultOf(sent)
      if (!result) return false
      session.opened(sent.headers, result)
      const seen = await post(wire, INITIALIZED, session.headers(), ended, token)
      seen.drop()
      return true
    },
    initialized: onInitialized,
    lost(gone) {
      if (gone === id) [id, isAccepted] = [undefined, false]
    },
    async farewell() {
      if (id === undefined) return
      const signal = AbortSignal.timeout(FAREWELL_MS)
      const { reply } = await wire.send(
        { method: 'DELETE', headers: session.headers(), signal },
        await wire.token(),
      )
      reply.drop()
    },
  }
  return session
}

async function post(
  wire: Wire,
  { bytes }: Message,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
  token: string | undefined,
) {
  return (await wire.send({ method: 'POST', headers, body: bytes, signal }, token)).reply
}
