import type { Bridge } from './bridge.js'
import { tellsEra } from './eras.js'
import type { Exchange } from './exchange.js'
import {
  isObject,
  type Json,
  META_CAPABILITIES,
  META_CLIENT_INFO,
  META_VERSION,
  messageFrom,
  objectOr,
  parseJson,
} from './message.js'
import { isEventStream } from './reply.js'
import { toolsOf } from './tool-list.js'
import type { Sent } from './wire.js'

/** What can be done about a reply without an answer. Each remedy is tried once for a message. */

/** A 404 to a session means that the server has forgotten it (2025-11-25, Session Management): open a new one. */
export function sessionWasLost(
  { peer }: Bridge,
  { message, tried, session }: Exchange,
  { reply }: Sent,
): boolean {
  if (reply.status !== 404 || session === undefined) return false
  if (message.method === 'initialize' || tried.includes('session')) return false
  tried.push('session')
  reply.drop()
  peer.legacy.lost(session)
  return true
}

const HEADER_MISMATCH = -32020

/** True when the message is worth another try. */
export async function remedied(bridge: Bridge, exchange: Exchange, sent: Sent): Promise<boolean> {
  const isTried = (await relisted(bridge, exchange, sent)) || (await probed(bridge, exchange, sent))
  if (isTried) exchange.refusal = undefined
  return isTried
}

/** Headers that do not match may come from an outdated list: look at it again (2026-07-28, Client Behavior). */
async function relisted(
  { wire, tools, peer }: Bridge,
  exchange: Exchange,
  { token }: Sent,
): Promise<boolean> {
  const { refusal, tried, message, life } = exchange
  if (!isHeaderMismatch(refusal) || message.method !== 'tools/call' || tried.includes('relist')) return false
  tried.push('relist')
  const {
    [META_VERSION]: version,
    [META_CLIENT_INFO]: info,
    [META_CAPABILITIES]: capabilities,
  } = objectOr(message.params?._meta)
  const _meta = { [META_VERSION]: version, [META_CLIENT_INFO]: info, [META_CAPABILITIES]: capabilities }
  const list = messageFrom({ jsonrpc: '2.0', id: 'zuko-list', method: 'tools/list', params: { _meta } })
  const { reply } = await wire.send({ method: 'POST', ...peer.outgoing(list), life }, token)
  const value = isEventStream(reply) ? undefined : parseJson(await reply.read())
  const listed = isObject(value) ? toolsOf(objectOr(value.result)) : undefined
  if (listed) tools.learn(listed)
  return listed !== undefined
}

/** A server that refuses a host's first words may speak the other era (Streamable HTTP, Backward Compatibility). */
async function probed({ peer }: Bridge, exchange: Exchange, { reply, token }: Sent): Promise<boolean> {
  const { message, call, refusal, tried, wasTranslated } = exchange
  const { status } = reply
  const isRefused = refusal !== undefined || (status >= 400 && tellsEra(status))
  if (!call || !isRefused || wasTranslated || tried.includes('probe')) return false
  if (call.method !== 'initialize' && isHeaderMismatch(refusal)) return false
  tried.push('probe')
  return peer.probe(message, token).catch(() => false)
}

const isHeaderMismatch = (refusal: Json | undefined): boolean =>
  objectOr(refusal?.error).code === HEADER_MISMATCH
