import { setTimeout as sleep } from 'node:timers/promises'
import type { Bridge } from './bridge.js'
import { isObject, onOneLine, parseJson } from './message.js'
import { isEventStream } from './reply.js'

/** Waits between attempts to hold a legacy server's own stream, in milliseconds. */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * Holds the stream on which a legacy server speaks unasked (2025-11-25, Listening for Messages from the Server)
 * and passes on what it says, until the server declines it, forgets the session, or the bridge ends.
 */
export async function listen(bridge: Bridge): Promise<void> {
  let lastId: string | undefined
  let pause = FIRST_PAUSE_MS
  const { ended, peer, wire } = bridge
  while (!ended.isOver) {
    const headers = [...peer.legacy.headers(), ...(lastId === undefined ? [] : ['Last-Event-ID', lastId])]
    const sent = await wire
      .send({ method: 'GET', headers, life: ended, endless: true }, await wire.token())
      .catch(() => undefined)
    if (sent && !(sent.reply.status === 200 && isEventStream(sent.reply))) return sent.reply.drop()
    if (sent) {
      const end = await sent.reply.events((data) => pass(bridge, data))
      lastId = end.lastId ?? lastId
      pause = end.retryMs ?? FIRST_PAUSE_MS
    }
    await sleep(pause, undefined, { signal: ended.signal })
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  }
}

function pass({ writer }: Bridge, data: string): void {
  if (isObject(parseJson(data))) writer.send(onOneLine(data))
}
