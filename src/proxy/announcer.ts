import type { Announcer } from './bridge.js'
import { type Id, type Json, META_SUBSCRIPTION } from './message.js'
import type { Writer } from './writer.js'

const METHOD = 'notifications/tools/list_changed'

/**
 * A legacy host hears `list_changed` as it is; a modern one only under a subscription that it opened
 * (2026-07-28 basic/patterns/subscriptions), and only that.
 */
export function createAnnouncer(writer: Writer): Announcer {
  let isDue = false
  let isModern = false
  let needsLogin = false
  const subscriptions = new Set<Id>()
  return {
    greeted(hostIsModern, forLogin) {
      isDue = true
      isModern = hostIsModern
      needsLogin = forLogin
    },
    heard(loggedIn) {
      if (!isDue || (needsLogin && !loggedIn)) return
      isDue = false
      if (!isModern) writer.send(JSON.stringify({ jsonrpc: '2.0', method: METHOD }))
      for (const id of subscriptions) {
        const params = { _meta: { [META_SUBSCRIPTION]: id } }
        writer.send(JSON.stringify({ jsonrpc: '2.0', method: METHOD, params }))
      }
      subscriptions.clear()
    },
    subscribe(id) {
      subscriptions.add(id)
    },
  }
}

/** The acknowledgment of a subscription that the bridge gives in the server's place. */
export const acknowledgment = (id: Id, notifications: Json): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/subscriptions/acknowledged',
    params: { _meta: { [META_SUBSCRIPTION]: id }, notifications },
  })
