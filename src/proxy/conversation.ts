import { answeredAcross } from './across.js'
import { admit, LATE, refusalIn, tokenFor } from './admission.js'
import { errorAnswer, wordsForStatus } from './answers.js'
import type { Bridge } from './bridge.js'
import { deliver } from './delivery.js'
import type { Exchange } from './exchange.js'
import { remedied, sessionWasLost } from './remedy.js'
import { prepareRound } from './rounds.js'
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
    if (bridge.peer.foreignEra !== undefined && (await answeredAcross(bridge, exchange))) return
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
    const { wanted } = exchange
    if (wanted) {
      exchange.wanted = undefined
      if (await prepareRound(bridge, exchange, wanted)) continue
      return
    }
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
  if (ready) {
    await ready
    if (peer.foreignEra !== undefined && (await answeredAcross(bridge, exchange))) return undefined
  }
  if (life.isOver) return undefined
  exchange.wasTranslated = peer.foreignEra !== undefined
  exchange.session = peer.legacy.id
  const endless = message.method === 'subscriptions/listen'
  return wire.send({ method: 'POST', ...peer.outgoing(exchange.sent), life, endless }, token)
}

function noteSuccess(
  { announcer, peer, listening }: Bridge,
  { message, wasTranslated }: Exchange,
  { token }: Sent,
): void {
  announcer.heard(token !== undefined)
  listening.revive()
  if (message.method === 'notifications/initialized' && !wasTranslated) peer.legacy.initialized()
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
