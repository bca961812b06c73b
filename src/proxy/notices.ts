import type { Bridge } from './bridge.js'
import { loudness } from './eras.js'
import type { Exchange } from './exchange.js'
import { MAY_ASK } from './inputs.js'
import { type Json, META_LOG_LEVEL, META_SUBSCRIPTION, objectOr } from './message.js'
import { isChange } from './subscriptions.js'

/**
 * What the host may see of a request or notification of the server: itself where nothing has to change. It came
 * with the reply to a message, or on a stream of its own.
 */
export function shapeUnasked(bridge: Bridge, exchange: Exchange | undefined, value: Json): Json | undefined {
  const isRequest = value.id !== undefined
  if (bridge.peer.foreignEra === 'legacy') return fromLegacy(bridge, exchange, value, isRequest)
  const isModern = bridge.peer.foreignEra === 'modern' || exchange?.message.version !== undefined
  if (isModern && isRequest) return undefined
  return isSecondAcknowledgment(exchange, value) ? undefined : value
}

/** The bridge has given the first in the server's place. */
const isSecondAcknowledgment = (exchange: Exchange | undefined, { method, params }: Json): boolean =>
  exchange?.isAcknowledged === true &&
  method === 'notifications/subscriptions/acknowledged' &&
  objectOr(objectOr(params)._meta)[META_SUBSCRIPTION] === exchange.call?.id

/** A modern host hears of changes where it subscribed to them, and of a call only while that is under way. */
function fromLegacy(
  bridge: Bridge,
  exchange: Exchange | undefined,
  value: Json,
  isRequest: boolean,
): Json | undefined {
  const params = objectOr(value.params)
  if (isRequest) bridge.inquiries.asked(exchange ?? waitingCall(bridge), value)
  else if (isChange(value.method)) bridge.subscriptions.changed(value)
  else if (value.method === 'notifications/cancelled') withdrawn(bridge, params.requestId)
  else if (value.method === 'notifications/progress') return progress(bridge, value, params)
  else if (value.method === 'notifications/message') return isLoud(exchange, params) ? value : undefined
  else if (value.method !== 'notifications/elicitation/complete') return value
  return undefined
}

/** The call in whose course the server asks something on its own stream: the latest that it can be. */
const waitingCall = ({ exchanges }: Bridge): Exchange | undefined =>
  exchanges
    .items()
    .filter(({ call, open, inquiry }) => {
      const isWaiting = open.size > 0 || inquiry?.state !== undefined
      return call !== undefined && isWaiting && MAY_ASK.includes(call.method)
    })
    .at(-1)

/** The server does not want to know any more. */
function withdrawn({ exchanges }: Bridge, requestId: unknown): void {
  for (const { inquiry } of exchanges.items()) {
    for (const [key, { id }] of inquiry?.questions ?? []) if (id === requestId) inquiry?.questions.delete(key)
  }
}

const tokenOf = (params: Json | undefined): unknown => objectOr(params?._meta).progressToken

/** Progress names the token of the request that the host waits for, which may be a retry of the server's. */
function progress({ exchanges }: Bridge, value: Json, params: Json): Json | undefined {
  const about = exchanges.items().find(({ message }) => tokenOf(message.params) === params.progressToken)
  const progressToken = tokenOf(about?.open.values()[0]?.params)
  if (progressToken === undefined) return undefined
  return progressToken === params.progressToken ? value : { ...value, params: { ...params, progressToken } }
}

/** A modern host hears what is logged only in the course of a request that says from which level on. */
function isLoud(exchange: Exchange | undefined, { level }: Json): boolean {
  const wanted = objectOr(exchange?.message.params?._meta)[META_LOG_LEVEL]
  return wanted !== undefined && loudness(level) >= loudness(wanted)
}
