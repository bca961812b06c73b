import type { Bridge } from './bridge.js'
import { isObject, onOneLine, parseJson } from './message.js'
import { shapeUnasked } from './notices.js'
import { type Attempt, keepTrying } from './reconnect.js'
import { isEventStream } from './reply.js'

/**
 * Holds the stream on which a legacy server speaks unasked (2025-11-25, Listening for Messages from the Server)
 * and passes on what it says, until the server declines it, forgets the session, or the bridge ends. False
 * where it was given up.
 */
export function holdStream(bridge: Bridge): Promise<boolean> {
  let lastId: string | undefined
  const { ended, peer, wire } = bridge
  return keepTrying(ended, async (): Promise<Attempt> => {
    const headers = [...peer.legacy.headers(), ...(lastId === undefined ? [] : ['Last-Event-ID', lastId])]
    const sent = await wire
      .send({ method: 'GET', headers, life: ended, endless: true }, await wire.token())
      .catch(() => undefined)
    if (!sent) return {}
    if (sent.reply.status !== 200 || !isEventStream(sent.reply)) {
      sent.reply.drop()
      return { isOver: true }
    }
    let wasUseful = false
    const end = await sent.reply.events((data) => {
      wasUseful = true
      pass(bridge, data)
    })
    lastId = end.lastId ?? lastId
    return { wasUseful, retryMs: end.retryMs }
  })
}

function pass(bridge: Bridge, data: string): void {
  const value = parseJson(data)
  if (!isObject(value)) return
  const shaped = bridge.peer.foreignEra === undefined ? value : shapeUnasked(bridge, undefined, value)
  if (shaped) bridge.writer.send(shaped === value ? onOneLine(data) : JSON.stringify(shaped))
}
