import type { InBag } from './bag.js'
import type { Inquiry } from './keeping.js'
import { Life } from './life.js'
import type { Call, Id, Json, Message } from './message.js'
import { OpenCalls } from './open-calls.js'

export type Remedy = 'session' | 'relist' | 'probe'

/** One message of the host on its way: which of its requests still wait for their answer. */
export interface Exchange extends InBag {
  readonly message: Message
  /** The requests without an answer so far. */
  readonly open: OpenCalls
  /** The single request of the message, if it is one. */
  readonly call: Call | undefined
  /** Over once nobody waits for it any more: the host has cancelled it, or the bridge ends. */
  readonly life: Life
  /** Until when the host can be kept waiting for a login; epoch milliseconds. Later by what the host itself takes. */
  deadline: number
  /** An error that the server gave and that the host has not seen: it named no request, or a remedy is tried first. */
  refusal: Json | undefined
  /** Which remedies were tried; each is tried once. */
  readonly tried: Remedy[]
  logins: number
  /** What is sent for it: the message itself, or a later round of it. */
  sent: Message
  /** The id that the server knows the one request by, where it is not the one that the host waits for. */
  upstreamId: Id | undefined
  /** What a modern server wants to know from a legacy host before it goes on, and how often it wanted to. */
  wanted: Json | undefined
  rounds: number
  /** What a legacy server wants to know from a modern host. */
  inquiry: Inquiry | undefined
  /** Whether the last attempt was made in the words of another era. */
  wasTranslated: boolean
  /** The session that the last attempt was made in. */
  session: string | undefined
  /** The bridge has acknowledged this subscription in the server's place. */
  isAcknowledged: boolean
  /** Resolves when it has ended. */
  work: Promise<void> | undefined
  /** Ends it: nothing more is said for its requests, and the connection is closed. */
  cancel(): void
}

export function createExchange(message: Message, deadline: number): Exchange {
  const life = new Life()
  const open = new OpenCalls(message.calls)
  return {
    message,
    open,
    call: message.calls.length === 1 && message.method !== undefined ? message.calls[0] : undefined,
    place: -1,
    work: undefined,
    life,
    deadline,
    refusal: undefined,
    tried: [],
    logins: 0,
    sent: message,
    upstreamId: undefined,
    wanted: undefined,
    rounds: 0,
    inquiry: undefined,
    wasTranslated: false,
    session: undefined,
    isAcknowledged: false,
    cancel() {
      open.clear()
      life.end()
    },
  }
}

/** The open request that a response of the server's is for. */
export const callOf = ({ open, upstreamId }: Exchange, id: unknown): Call | undefined => {
  if (upstreamId !== undefined && id === upstreamId) return open.values()[0]
  return typeof id === 'string' || typeof id === 'number' ? open.get(id) : undefined
}
