import { failureAnswer } from './answers.js'
import type { Bridge } from './bridge.js'
import { discoverFromInitialize, initializeFromDiscover } from './eras.js'
import type { Exchange } from './exchange.js'
import { holdsRefusal } from './inputs.js'
import { type Call, isResponse, type Json, META_LOG_LEVEL, objectOr } from './message.js'
import { offersUpdates } from './subscriptions.js'

/** Notifications of a legacy host that a modern server has no use for. */
const UNHEARD = ['notifications/initialized', 'notifications/roots/list_changed']

/**
 * Does what needs no message to the server, because it belongs to an era that the server does not speak. True
 * where that is all there is to do.
 */
export async function answeredAcross(bridge: Bridge, exchange: Exchange): Promise<boolean> {
  const { peer } = bridge
  const { message } = exchange
  const isModern = message.version !== undefined
  if ((peer.foreignEra === 'modern') === isModern) return false
  if (isModern) return answeredModern(bridge, exchange)
  if (isResponse(message)) return true
  if (message.method === 'notifications/initialized') bridge.listening.start()
  return UNHEARD.includes(message.method ?? '') || answered(bridge, exchange, legacyResult)
}

async function answeredModern(bridge: Bridge, exchange: Exchange): Promise<boolean> {
  if (exchange.message.method === 'subscriptions/listen') {
    await bridge.subscriptions.serve(exchange)
    return true
  }
  if (await bridge.inquiries.resumed(exchange)) return true
  if (refused(bridge, exchange)) return true
  const level = objectOr(exchange.message.params?._meta)[META_LOG_LEVEL]
  if (level !== undefined) await bridge.peer.wantLog(level)
  return answered(bridge, exchange, ({ peer }, { method }) =>
    method === 'server/discover' ? discoverFromInitialize(peer.introduction) : undefined,
  )
}

/** The person would not go where the server's error sent them: asking the server again changes nothing. */
function refused({ writer }: Bridge, { call, open }: Exchange): boolean {
  if (!call || !holdsRefusal(call.params)) return false
  open.delete(call.id)
  writer.send(failureAnswer(call, 'The person declined what the server asked for first.'))
  return true
}

function answered(
  bridge: Bridge,
  { call, open }: Exchange,
  resultFor: (bridge: Bridge, call: Call) => Json | undefined,
): boolean {
  const result = call && resultFor(bridge, call)
  if (!result) return false
  open.delete(call.id)
  bridge.writer.send(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }))
  return true
}

/**
 * A modern server has no handshake and no ping, takes the log level with each request, and speaks of resources
 * only to whoever listens.
 */
function legacyResult({ peer, listening }: Bridge, { method, params }: Call): Json | undefined {
  if (method === 'initialize') return initializeFromDiscover(peer.introduction, params?.protocolVersion)
  if (method === 'logging/setLevel') void peer.wantLog(params?.level)
  else if (SUBSCRIBING.includes(method) && offersUpdates(peer.introduction)) {
    listening.watch(params?.uri, method === 'resources/subscribe')
  } else if (method !== 'ping') return undefined
  return {}
}

const SUBSCRIBING = ['resources/subscribe', 'resources/unsubscribe']
