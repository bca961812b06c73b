import { setTimeout as sleep } from 'node:timers/promises'
import { isZukoError } from '../errors.js'
import type { HeaderList } from './headers.js'
import type { Life } from './life.js'
import type { UpstreamReply } from './reply.js'
import type { Session } from './types.js'
import type { Upstream } from './upstream.js'

export interface WireOptions {
  upstream: Upstream
  session: Session
  /** The person's own headers. An Authorization among them takes the login's place: the session has no token then. */
  headers: Readonly<Record<string, string>>
  /** How long the server may stay silent in one call, in milliseconds. */
  silenceMs: number
  version: string
}

export interface Parcel {
  method: 'POST' | 'GET' | 'DELETE'
  headers: HeaderList
  body?: string
  life: Life
  /** A stream that may be silent for ever. */
  endless?: boolean
}

export interface Sent {
  reply: UpstreamReply
  /** The token that went along, for whoever has to complain about it. */
  token: string | undefined
}

export interface Wire {
  /** The token to send; none is looked for while the server lets everybody in. */
  token(): ReturnType<Session['token']>
  /** @throws ZukoError UNAVAILABLE */
  send(parcel: Parcel, token: string | undefined): Promise<Sent>
}

/** Waits between attempts to reach a server that certainly saw nothing yet, such as one being restarted. */
const PAUSES_MS = [100, 300, 600, 1000]

/** Puts the credentials and the person's headers on what is sent. */
export function createWire({ upstream, session, headers, silenceMs, version }: WireOptions): Wire {
  const base = own({ 'User-Agent': `zuko-mcp/${version}`, ...headers })
  const common = {
    GET: [...base, 'Accept', 'text/event-stream'],
    POST: [...base, 'Accept', 'application/json, text/event-stream', 'Content-Type', 'application/json'],
    DELETE: base,
  }
  let isOpen = false
  const send = async (parcel: Parcel, token: string | undefined): Promise<Sent> => {
    const { method, body, life } = parcel
    const all = common[method].concat(parcel.headers)
    if (token !== undefined) all.push('Authorization', `Bearer ${token}`)
    const request = { method, headers: all, body, life, silenceMs: parcel.endless ? 0 : silenceMs }
    for (const pause of PAUSES_MS) {
      try {
        return noted({ reply: await upstream.send(request), token })
      } catch (error) {
        if (!isPassing(error) || life.isOver) throw error
        await sleep(pause, undefined, { signal: life.signal })
      }
    }
    return noted({ reply: await upstream.send(request), token })
  }
  const noted = (sent: Sent): Sent => {
    if (sent.token === undefined) isOpen = sent.reply.status < 400
    return sent
  }
  return { token: () => (isOpen ? undefined : session.token()), send }
}

/** Headers that the bridge sets itself. */
const OURS = ['accept', 'content-type', 'content-length', 'host', 'connection']

const own = (headers: Readonly<Record<string, string>>): string[] =>
  Object.entries(headers)
    .filter(([name]) => !OURS.includes(name.toLowerCase()))
    .flat()

const isPassing = (error: unknown): boolean =>
  isZukoError(error, 'UNAVAILABLE') && error.data?.unsent === true && error.data.passing === true
