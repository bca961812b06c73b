import { greet, isGreeted } from './admission.js'
import { errorAnswer, wordsOf } from './answers.js'
import type { Bridge } from './bridge.js'
import { converse } from './conversation.js'
import { createExchange, type Exchange } from './exchange.js'
import { withdraw } from './inquiries.js'
import { MESSAGE_LIMIT } from './lines.js'
import { type Id, isId, isResponse, type Message, readMessage } from './message.js'

export interface Relay {
  /** One line of the host. */
  line(bytes: Buffer): void
  /** A line that was too large to keep. */
  oversized(id: Id | undefined): void
  /** Resolves when nothing is under way any more that does not wait for the host. */
  idle(): Promise<void>
  /** Ends everything that is under way, without another word. */
  cancelAll(): void
}

const PARSE_ERROR = -32700
const INVALID_REQUEST = -32600

/** How many messages may be under way at once; a host that sends more is told. */
const MOST_EXCHANGES = 1000

/** How long the server may take to answer an opening request that the bridge could answer as well. */
const GREET_AFTER_MS = 5_000

/** Takes each line of the host through its exchange: every request gets one answer, whatever happens. */
export function createRelay(bridge: Bridge, patienceMs: number): Relay {
  const { writer, peer, exchanges } = bridge

  const start = (message: Message) => {
    if (exchanges.size >= MOST_EXCHANGES) {
      const words = `${MOST_EXCHANGES} messages are under way already. Fix: wait for answers before you send more.`
      for (const { id } of message.calls) writer.send(errorAnswer(id, words))
      return
    }
    const exchange = createExchange(message, bridge.now() + patienceMs)
    exchanges.add(exchange)
    const work = carry(bridge, exchange).finally(() => {
      exchanges.delete(exchange)
      if (exchange.inquiry) bridge.inquiries.ended(exchange)
    })
    exchange.work = work
    if (message.method === 'initialize') peer.opening(message, work)
    if (message.method === 'notifications/initialized') peer.legacy.settling(work)
  }

  /** A modern server learns of it by the connection's end; a legacy one is told as well. */
  const cancel = (message: Message) => {
    const id = message.params?.requestId
    const exchange = isId(id) ? exchanges.items().find(({ open }) => open.get(id)) : undefined
    if (exchange && exchange.message.method !== 'initialize') {
      exchange.cancel()
      if (exchange.wasTranslated && peer.foreignEra === 'legacy') withdraw(bridge, exchange)
    }
    const isModern = message.version !== undefined || exchange?.message.version !== undefined
    if (!isModern && peer.foreignEra === undefined) start(message)
  }

  return {
    line(bytes) {
      const message = readMessage(bytes)
      if (!message) writer.send(errorAnswer(null, 'The line is not a JSON-RPC message.', PARSE_ERROR))
      else if (message.method === 'notifications/cancelled') cancel(message)
      else if (!isResponse(message) || !bridge.questions.take(message)) start(message)
    },
    oversized(id) {
      const words = `The message is larger than ${MESSAGE_LIMIT / 1048576} MiB. Fix: send less at a time.`
      writer.send(errorAnswer(id ?? null, words, INVALID_REQUEST))
    },
    async idle() {
      const working = exchanges.items().filter(({ life }) => !life.isHeld)
      await Promise.all(working.map(({ work }) => work))
    },
    cancelAll() {
      for (const exchange of exchanges.items()) exchange.cancel()
    },
  }
}

async function carry(bridge: Bridge, exchange: Exchange): Promise<void> {
  const hurry = isGreeted(exchange)
    ? setTimeout(() => greet(bridge, exchange, false).catch(() => {}), GREET_AFTER_MS)
    : undefined
  try {
    await converse(bridge, exchange)
  } catch (error) {
    if (!exchange.life.isOver && !(await greet(bridge, exchange, false))) tell(bridge, exchange, error)
  } finally {
    clearTimeout(hurry)
  }
}

function tell({ writer, say }: Bridge, { open, message }: Exchange, error: unknown): void {
  for (const { id } of open.values()) writer.send(errorAnswer(id, wordsOf(error)))
  if (message.calls.length === 0) say(`${message.method ?? 'A message'} was not delivered. ${wordsOf(error)}`)
  open.clear()
}
