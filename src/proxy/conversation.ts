import { admit, LATE, refusalIn, tokenFor } from './admission.js'
import { acknowledgment } from './announcer.js'
import { errorAnswer, wordsForStatus } from './answers.js'
import type { Bridge } from './bridge.js'
import { deliver } from './delivery.js'
import { discoverFromInitialize, initializeFromDiscover } from './eras.js'
import type { Exchange } from './exchange.js'
import type { Call, Json } from './message.js'
import { remedied, sessionWasLost } from './remedy.js'
import type { Sent } from './wire.js'

/** How many refusals in a row one message takes to the login: a stale token, a step-up, and one to spare. */
const MOST_LOGINS = 3

/**
 * One message, from the host to the server and back, through whatever lies between: the login, a session that
 * the server has forgotten, the other era.
 * @throws ZukoError UNAVAILABLE
 */
export async function converse(bridge: Bridge, exchange: Exchange): Promise<void> {
  const isWaiting = () => exchange.open.size > 0 && !exchange.life.isOver
  for (;;) {
    if (answeredHere(bridge, exchange)) return
    const sent = await transmit(bridge, exchange)
    if (!sent) return
    const refusal = isWaiting() ? refusalIn(sent) : undefined
    if (refusal && exchange.logins < MOST_LOGINS) {
      sent.reply.drop()
      if (await admit(bridge, exchange, refusal)) continue
      return
    }
    if (sessionWasLost(bridge, exchange, sent)) continue
    await deliver(bridge, exchange, sent)
    if (sent.reply.status < 300) noteSuccess(bridge, exchange, sent)
    if (!isWaiting()) return
    if (await remedied(bridge, exchange, sent)) continue
    return answerRest(bridge, exchange, sent)
  }
}

/** Undefined where the exchange ended before there was a token to go with. */
async function transmit(bridge: Bridge, exchange: Exchange): Promise<Sent | undefined> {
  const { wire, peer } = bridge
  const { message, life } = exchange
  const token = await tokenFor(bridge, exchange)
  if (token === LATE) return undefined
  const ready = peer.ready(message, token)
  if (ready) await ready
  if (life.isOver) return undefined
  exchange.wasTranslated = peer.foreignEra !== undefined
  exchange.session = peer.legacy.id
  const endless = message.method === 'subscriptions/listen'
  return wire.send({ method: 'POST', ...peer.outgoing(message), life, endless }, token)
}

function noteSuccess(
  { announcer, peer }: Bridge,
  { message, wasTranslated }: Exchange,
  { token }: Sent,
): void {
  announcer.heard(token !== undefined)
  if (message.method === 'notifications/initialized' && !wasTranslated) peer.legacy.initialized()
}

/** What needs no server, because it belongs to an era that the server does not speak. */
function answeredHere({ peer, writer }: Bridge, { message, call, open }: Exchange): boolean {
  const isModern = message.version !== undefined
  if (peer.foreignEra === undefined || (peer.foreignEra === 'modern') === isModern) return false
  if (message.method === 'notifications/initialized') return true
  const result = call && (isModern ? modernResult : legacyResult)(call, peer.introduction)
  if (!result) return false
  if (call.method === 'logging/setLevel') peer.wantLog(call.params?.level)
  if (call.method === 'subscriptions/listen') writer.send(acknowledgment(call.id, {}))
  open.delete(call.id)
  writer.send(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }))
  return true
}

/** A modern host asks a legacy server; it has nothing to subscribe to there. */
function modernResult({ method, id }: Call, introduction: Json): Json | undefined {
  if (method === 'server/discover') return discoverFromInitialize(introduction)
  if (method !== 'subscriptions/listen') return undefined
  return { resultType: 'complete', _meta: { 'io.modelcontextprotocol/subscriptionId': id } }
}

/** A legacy host asks a modern server, which has no handshake, no ping and takes the log level with each request. */
function legacyResult({ method, params }: Call, introduction: Json): Json | undefined {
  if (method === 'initialize') return initializeFromDiscover(introduction, params?.protocolVersion)
  return method === 'ping' || method === 'logging/setLevel' ? {} : undefined
}

/** The server's own error where it gave one without saying for whom, else words for what came instead. */
function answerRest({ writer, host }: Bridge, { open, refusal }: Exchange, { reply }: Sent): void {
  const { status, headers } = reply
  for (const { id } of open.values()) {
    if (refusal) writer.send(JSON.stringify({ ...refusal, id }))
    else writer.send(errorAnswer(id, wordsForStatus(host, status, headers), undefined, { status }))
  }
  open.clear()
}
