import type { IncomingHttpHeaders } from 'node:http'
import { INITIALIZED, tellsEra } from './eras.js'
import { encodeValue, type HeaderList } from './headers.js'
import { type Life, lifeUntil } from './life.js'
import { atMost } from './lifecycle.js'
import type { Json, Message } from './message.js'
import { resultOf } from './reply.js'
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
  headers(): HeaderList
  /** A host's `initialize` is on its way: others wait until it is `finished`. */
  opening(opener: Message, finished: Promise<unknown>): void
  /** A host's `notifications/initialized` is on its way; some servers refuse what overtakes it. */
  settling(finished: Promise<unknown>): void
  /** The server accepted an `initialize`. */
  opened(headers: IncomingHttpHeaders, result: Json): void
  /**
   * Resolves when the server has seen the handshake that comes before this message; shakes hands anew where it
   * was lost or never came through. Undefined where there is nothing to wait for.
   */
  ready(message: Pick<Message, 'method'>, token: string | undefined): Promise<void> | undefined
  /**
   * Shakes hands with this `initialize`. True when the server accepts it, false when it refuses it; undefined
   * where it says nothing about that.
   */
  open(opener: Message, token: string | undefined): Promise<boolean | undefined>
  /** The server has seen `notifications/initialized`. */
  initialized(): void
  /** The server has forgotten the session. */
  lost(id: string): void
  /** Tells the server that the session is over (2025-11-25, Session Management). */
  farewell(): Promise<void>
}

export interface LegacyOptions {
  wire: Wire
  /** Ends with the bridge. */
  ended: Life
  /** The handshake with the host's own `initialize` is complete: the server may speak unasked now. */
  onInitialized(): void
  /** The server refuses the host's `initialize`, to which the bridge has given an answer of its own. */
  onRefused(opener: Message, token: string | undefined): Promise<unknown>
}

export function legacySession(options: LegacyOptions): LegacySession {
  let id: string | undefined
  let introduction: Json = {}
  let headers: HeaderList = []
  let opener: Message | undefined
  let isAccepted = false
  let underway: Promise<unknown> | undefined
  let settled: Promise<unknown> | undefined
  let reopening: Promise<void> | undefined

  const session: LegacySession = {
    get id() {
      return id
    },
    get introduction() {
      return introduction
    },
    headers: () => headers,
    opening(message, finished) {
      opener = message
      isAccepted = false
      underway = finished.finally(() => {
        underway = undefined
      })
    },
    opened(answered, result) {
      id = answered['mcp-session-id']?.toString()
      introduction = result
      headers = sessionHeaders(result, id)
      isAccepted = true
    },
    settling(finished) {
      settled = atMost(SETTLING_MS, finished).finally(() => {
        settled = undefined
      })
    },
    ready({ method }, token) {
      const before = method === 'notifications/initialized' ? underway : (underway ?? settled)
      if (before) return before.then(() => session.ready({ method }, token))
      if (isAccepted || !opener) return undefined
      reopening ??= reopen(options, session, opener, token).finally(() => {
        reopening = undefined
      })
      return reopening
    },
    open(message, token) {
      opener = message
      return shakeHands(options, session, message, token)
    },
    initialized: options.onInitialized,
    lost(gone) {
      if (gone === id) [id, isAccepted] = [undefined, false]
    },
    farewell: () => (id === undefined ? Promise.resolve() : sayFarewell(options.wire, session)),
  }
  return session
}

async function reopen(
  options: LegacyOptions,
  session: LegacySession,
  opener: Message,
  token: string | undefined,
): Promise<void> {
  const isOpen = await session.open(opener, token).catch(() => undefined)
  if (isOpen === false) await options.onRefused(opener, token)
  if (isOpen) options.onInitialized()
}

const sessionHeaders = ({ protocolVersion }: Json, id: string | undefined): HeaderList => [
  ...(typeof protocolVersion === 'string' ? ['MCP-Protocol-Version', encodeValue(protocolVersion)] : []),
  ...(id === undefined ? [] : ['Mcp-Session-Id', id]),
]

async function shakeHands(
  { wire, ended: life }: LegacyOptions,
  session: LegacySession,
  opener: Message,
  token: string | undefined,
): Promise<boolean | undefined> {
  const { reply } = await wire.send({ method: 'POST', headers: [], body: opener.text, life }, token)
  const result = await resultOf(reply)
  if (!result) return tellsEra(reply.status) ? false : undefined
  session.opened(reply.headers, result)
  const notice = { method: 'POST', headers: session.headers(), body: INITIALIZED.text, life } as const
  const seen = await wire.send(notice, token)
  seen.reply.drop()
  return true
}

async function sayFarewell(wire: Wire, session: LegacySession): Promise<void> {
  const life = lifeUntil(AbortSignal.timeout(FAREWELL_MS))
  const parcel = { method: 'DELETE', headers: session.headers(), life } as const
  const { reply } = await wire.send(parcel, await wire.token())
  reply.drop()
}
