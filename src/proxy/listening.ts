import type { Bridge } from './bridge.js'
import { tellsEra } from './eras.js'
import { Life } from './life.js'
import { isObject, type Json, messageFrom, objectOr, parseJson } from './message.js'
import { type Attempt, keepTrying, LONGEST_PAUSE_MS } from './reconnect.js'
import { isEventStream, type UpstreamReply } from './reply.js'
import { holdStream } from './stream.js'
import { isChange, offeredBy, unstamped } from './subscriptions.js'

/** Hears what the server says unasked, in the server's own way, for as long as the bridge lives. */
export interface Listening {
  /** The handshake is done. Does nothing while it listens already. */
  start(): void
  /** The server has answered: if it was given up, it is worth another try now and then. */
  revive(): void
  /** A legacy host subscribes to a resource of a modern server, or does not want it any more. */
  watch(uri: unknown, isWanted: boolean): void
}

export function createListening(bridge: () => Bridge): Listening {
  const resources = new Set<unknown>()
  let isRunning = false
  let givenUpAt: number | undefined
  let round = new Life()

  /** One subscription at a modern server; it ends early where the host wants another. */
  const subscription = async (): Promise<Attempt> => {
    const filter = {
      ...offeredBy(bridge().peer.introduction),
      ...(resources.size > 0 && { resourceSubscriptions: [...resources] }),
    }
    if (Object.keys(filter).length === 0) return { isOver: true }
    const life = new Life()
    round = life
    const forget = bridge().ended.onOver(() => life.end())
    const attempt = await subscribe(bridge(), filter, life)
    forget()
    return life.isOver ? { wasUseful: true, retryMs: 0 } : attempt
  }
  const run = async () => {
    const { peer, ended } = bridge()
    return peer.foreignEra === 'modern' ? keepTrying(ended, subscription) : holdStream(bridge())
  }
  const start = () => {
    if (isRunning) return
    isRunning = true
    givenUpAt = undefined
    const over = (isOver: boolean) => {
      isRunning = false
      if (!isOver) givenUpAt = Date.now()
    }
    run().then(over, () => over(true))
  }
  return {
    start,
    revive() {
      if (givenUpAt !== undefined && Date.now() - givenUpAt > LONGEST_PAUSE_MS) start()
    },
    watch(uri, isWanted) {
      if (isWanted) resources.add(uri)
      else resources.delete(uri)
      round.end()
      start()
    },
  }
}

/** The bridge's own `subscriptions/listen`, for a legacy host (2026-07-28 basic/patterns/subscriptions). */
async function subscribe({ peer, wire, writer }: Bridge, filter: Json, life: Life): Promise<Attempt> {
  const request = { jsonrpc: '2.0', id: 'zuko-listen', method: 'subscriptions/listen' }
  const outgoing = peer.outgoing(messageFrom({ ...request, params: { notifications: filter } }))
  const sent = await wire
    .send({ method: 'POST', ...outgoing, life, endless: true }, await wire.token())
    .catch(() => undefined)
  if (!sent) return {}
  const { reply } = sent
  if (reply.status !== 200 || !isEventStream(reply)) return declined(reply)
  let [isOver, wasUseful] = [false, false]
  await reply.events((data) => {
    const value = parseJson(data)
    if (!isObject(value)) return
    if (value.method === 'notifications/subscriptions/acknowledged') isOver = honoursNothing(value)
    else if (isChange(value.method)) {
      wasUseful = true
      writer.send(JSON.stringify(unstamped(value)))
    }
  })
  return { isOver, wasUseful }
}

const honoursNothing = ({ params }: Json): boolean =>
  Object.keys(objectOr(objectOr(params).notifications)).length === 0

/** For good, unless the server wants a login first or is busy. */
function declined(reply: UpstreamReply): Attempt {
  reply.drop()
  return { isOver: tellsEra(reply.status) }
}
