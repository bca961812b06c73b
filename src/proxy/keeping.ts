import { randomBytes } from 'node:crypto'
import type { Exchange } from './exchange.js'
import type { Json } from './message.js'

/** What a server asks in the course of one call. */
export interface Inquiry {
  /** The server's requests without an answer, by the key that the host knows each by. */
  questions: Map<string, Json>
  /** How many there were so far. */
  asked: number
  /** They are about to be put to the host. */
  isDue: boolean
  /** Set while the host is asked: what its retry will hold. */
  state: string | undefined
  timer: NodeJS.Timeout | undefined
  /** Brings the server's answer, which came before the host's. */
  late: (() => void) | undefined
}

export const newInquiry = (): Inquiry => ({
  questions: new Map(),
  asked: 0,
  isDue: false,
  state: undefined,
  timer: undefined,
  late: undefined,
})

/** The calls whose host is asked something, and the `requestState` by which its retry finds each again. */
export interface Keeping {
  /** Returns a state that nobody can guess. It is good for one retry, for so long. */
  keep(exchange: Exchange, inquiry: Inquiry, forMs: number): string
  /** Undefined where there is none of this state, or none that fits. */
  take(state: unknown, fits: (exchange: Exchange) => boolean): Exchange | undefined
  /** The host may go on with it no more. */
  forget(inquiry: Inquiry): void
}

/** How many calls may wait for their host at once; beyond, the one that has waited longest is given up. */
const MOST_KEPT = 32

export function createKeeping(onGivenUp: (exchange: Exchange) => void): Keeping {
  const kept = new Map<unknown, Exchange>()
  const forget = (inquiry: Inquiry) => {
    const exchange = kept.get(inquiry.state)
    if (!exchange) return
    kept.delete(inquiry.state)
    clearTimeout(inquiry.timer)
    inquiry.state = undefined
    exchange.life.isHeld = false
  }
  const giveUp = (exchange: Exchange) => {
    if (exchange.inquiry) forget(exchange.inquiry)
    onGivenUp(exchange)
  }
  return {
    keep(exchange, inquiry, forMs) {
      const [oldest] = kept.values()
      if (oldest && kept.size >= MOST_KEPT) giveUp(oldest)
      const state = randomBytes(32).toString('base64url')
      kept.set(state, exchange)
      inquiry.state = state
      inquiry.timer = setTimeout(giveUp, forMs, exchange).unref()
      exchange.life.isHeld = true
      return state
    },
    take(state, fits) {
      const exchange = kept.get(state)
      if (!exchange?.inquiry || !fits(exchange)) return undefined
      forget(exchange.inquiry)
      return exchange
    },
    forget,
  }
}
