import type { OutgoingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { isZukoError } from '../errors.js'
import type { Session } from './types.js'
import type { Upstream, UpstreamReply } from './upstream.js'

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
  headers: OutgoingHttpHeaders
  body?: Buffer
  signal: AbortSignal
  /** A stream that may be silent for ever. */
  endless?: boolean
}

export interface Sent {
  reply: UpstreamReply
  /** The token that went along, for whoever has to complain about it. */
  token: string | undefined
}

export interface Wire {
  token(): Promise<string | undefined>
  /** @throws ZukoError UNAVAILABLE */
  send(parcel: Parcel, token: string | undefined): Promise<Sent>
}

/** Waits between attempts to reach a server that certainly saw nothing yet, such as one being restarted. */
const PAUSES_MS = [100, 300, 600, 1000]

/** Puts the credentials and the person's headers on what is sent. */
export function createWire({ upstream, session, headers, silenceMs, version }: WireOptions): Wire {
  const base = { 'User-Agent': `zuko-mcp/${version}`, ...headers }
  const send = async (parcel: Parcel, token: string | undefined): Promise<Sent> => {
    const { method, body, signal, endless } = parcel
    const all = {
      ...base,
      Accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
      ...(body && { 'Content-Type': 'application/json' }),
      ...parcel.headers,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    }
    const request = {
      method,
      headers: all,
      signal,
      silenceMs: endless ? 0 : silenceMs,
      ...(body && { body }),
    }
    for (const pause of PAUSES_MS) {
      try {
        return { reply: await upstream.send(request), token }
      } catch (error) {
        if (!isPassing(error) || signal.aborted) throw error
        await sleep(pause, undefined, { signal })
      }
    }
    return { reply: await upstream.send(request), token }
  }
  return { token: () => session.token(), send }
}

const isPassing = (error: unknown): boolean =>
  isZukoError(error, 'UNAVAILABLE') && error.data?.unsent === true && error.data.passing === true
