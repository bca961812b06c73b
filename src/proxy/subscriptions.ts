import { acknowledgment } from './announcer.js'
import { resultAnswer } from './answers.js'
import type { Bridge } from './bridge.js'
import type { Exchange } from './exchange.js'
import { type Id, isObject, type Json, META_SUBSCRIPTION, objectOr } from './message.js'

/** What can be listened for: the notification, its name in a filter, and the capability that offers it. */
const CHANGES = [
  ['notifications/tools/list_changed', 'toolsListChanged', 'tools'],
  ['notifications/prompts/list_changed', 'promptsListChanged', 'prompts'],
  ['notifications/resources/list_changed', 'resourcesListChanged', 'resources'],
] as const
const UPDATED = 'notifications/resources/updated'

export const isChange = (method: unknown): boolean =>
  method === UPDATED || CHANGES.some(([name]) => name === method)

/** The filter that asks for every change of a list that a server offers which introduces itself so. */
export const offeredBy = ({ capabilities }: Json): Json =>
  Object.fromEntries(
    CHANGES.filter(([, , name]) => objectOr(objectOr(capabilities)[name]).listChanged === true).map(
      ([, filter]) => [filter, true],
    ),
  )

/** Whether a server that introduces itself so tells of changes in single resources. */
export const offersUpdates = ({ capabilities }: Json): boolean =>
  objectOr(objectOr(capabilities).resources).subscribe === true

/** What modern hosts listen for at a legacy server, which says it to whoever is there. */
export interface Subscriptions {
  /** Opens a host's `subscriptions/listen` and keeps it until the host cancels it, or ends it where nothing is offered. */
  serve(exchange: Exchange): Promise<void>
  /** Tells whoever listens for it. */
  changed(notification: Json): void
}

export function createSubscriptions(bridge: () => Bridge): Subscriptions {
  const filters = new Map<Id, Json>()
  const watch = (method: string, filter: Json) => {
    for (const uri of urisIn(filter)) {
      if ([...filters.values()].some((other) => urisIn(other).includes(uri))) continue
      const request = { jsonrpc: '2.0', id: `zuko-${method}-${uri}`, method, params: { uri } }
      bridge()
        .peer.tell(request)
        .catch(() => {})
    }
  }
  return {
    async serve({ call, open, life, message, isAcknowledged }) {
      if (!call) return
      const { peer, writer } = bridge()
      const filter = honoured(objectOr(message.params?.notifications), peer.introduction)
      if (!isAcknowledged) writer.send(acknowledgment(call.id, filter))
      if (Object.keys(filter).length === 0) {
        open.delete(call.id)
        return writer.send(resultAnswer(call.id, ended(call.id)))
      }
      watch('resources/subscribe', filter)
      filters.set(call.id, filter)
      await new Promise<void>((resolve) => life.onOver(resolve))
      filters.delete(call.id)
      watch('resources/unsubscribe', filter)
    },
    changed(notification) {
      for (const [id, filter] of filters) {
        if (isListenedFor(notification, filter))
          bridge().writer.send(JSON.stringify(stamped(notification, id)))
      }
    },
  }
}

const ended = (id: Id): Json => ({ resultType: 'complete', _meta: { [META_SUBSCRIPTION]: id } })

const urisIn = ({ resourceSubscriptions: uris }: Json): unknown[] => (Array.isArray(uris) ? uris : [])

/** The part of a filter that the server can fulfil. */
function honoured(filter: Json, introduction: Json): Json {
  const lists = Object.keys(offeredBy(introduction)).filter((name) => filter[name] === true)
  const uris = offersUpdates(introduction) ? urisIn(filter) : []
  return {
    ...Object.fromEntries(lists.map((name) => [name, true])),
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
  }
}

/** What is updated may be part of what is subscribed to (2025-11-25, Resources). */
function isListenedFor({ method, params }: Json, filter: Json): boolean {
  const { uri } = objectOr(params)
  if (method === UPDATED) return urisIn(filter).some((wanted) => String(uri).startsWith(String(wanted)))
  return CHANGES.some(([name, wanted]) => name === method && filter[wanted] === true)
}

function stamped(notification: Json, id: Id): Json {
  const params = objectOr(notification.params)
  return {
    ...notification,
    params: { ...params, _meta: { ...objectOr(params._meta), [META_SUBSCRIPTION]: id } },
  }
}

/** A notification without what ties it to a subscription, of which a legacy host knows nothing. */
export function unstamped(notification: Json): Json {
  const { params, ...rest } = notification
  if (!isObject(params)) return notification
  const { _meta, ...others } = params
  const { [META_SUBSCRIPTION]: _, ...meta } = objectOr(_meta)
  const kept = Object.keys(meta).length > 0 ? { ...others, _meta: meta } : others
  return Object.keys(kept).length > 0 ? { ...rest, params: kept } : rest
}
