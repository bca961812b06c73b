import { setTimeout as sleep } from 'node:timers/promises'
import type { Bridge } from './bridge.js'
import { completed, identityOf, isModernError } from './eras.js'
import { callOf, type Exchange } from './exchange.js'
import { isInputRequired, MAY_ASK, toInputRequired } from './inputs.js'
import { type Call, isId, isObject, type Json, objectOr, onOneLine, parseJson } from './message.js'
import { shapeUnasked } from './notices.js'
import { isEventStream, type StreamEnd, type UpstreamReply } from './reply.js'
import { toolsOf } from './tool-list.js'
import type { Sent } from './wire.js'

/**
 * How often a stream that ended early is resumed without anything new (2025-11-25, Resumability). While the host
 * is asked nothing new is to be expected.
 */
const RESUMES = 5
const RESUME_PAUSE_MS = 1000

/** Brings what a reply holds to the host. What it leaves open has no answer in it. */
export async function deliver(bridge: Bridge, exchange: Exchange, { reply, token }: Sent): Promise<void> {
  if (isEventStream(reply)) return deliverEvents(bridge, exchange, reply, token)
  const hasNone = reply.status === 202 || reply.status === 204
  if (hasNone || exchange.open.size === 0) return reply.drop()
  deliverMessage(bridge, exchange, await reply.read(), reply)
}

async function deliverEvents(
  bridge: Bridge,
  exchange: Exchange,
  reply: UpstreamReply,
  token: string | undefined,
): Promise<void> {
  let events = 0
  const onData = (data: string) => {
    events += 1
    deliverMessage(bridge, exchange, data, reply)
  }
  let end = await reply.events(onData)
  for (let idle = 0; idle < RESUMES && mayResume(bridge, exchange, end); idle += 1) {
    const { isHeld, signal } = exchange.life
    const pause = Math.max(end.retryMs ?? RESUME_PAUSE_MS, isHeld ? RESUME_PAUSE_MS : 0)
    await sleep(pause, undefined, { signal })
    const before = events
    end = await resume(bridge, exchange, end, token, onData)
    if (events > before || isHeld) idle = -1
  }
  if (end.failure && exchange.open.size > 0) throw end.failure
}

/** Only a legacy server has streams that can be resumed. */
const mayResume = ({ peer }: Bridge, { open, message, life }: Exchange, { lastId }: StreamEnd): boolean =>
  (open.size > 0 || life.isHeld) &&
  lastId !== undefined &&
  (message.version === undefined || peer.foreignEra === 'legacy')

async function resume(
  bridge: Bridge,
  exchange: Exchange,
  from: StreamEnd,
  token: string | undefined,
  onData: (data: string) => void,
): Promise<StreamEnd> {
  const headers = [...bridge.peer.legacy.headers(), 'Last-Event-ID', from.lastId ?? '']
  const { reply } = await bridge.wire.send({ method: 'GET', headers, life: exchange.life }, token)
  if (reply.status === 200 && isEventStream(reply)) {
    const end = await reply.events(onData)
    return { ...end, lastId: end.lastId ?? from.lastId, retryMs: end.retryMs ?? from.retryMs }
  }
  reply.drop()
  return { lastId: undefined, retryMs: undefined }
}

/** One message of the server, or several in a batch, as they came or as `shape` says. */
function deliverMessage(bridge: Bridge, exchange: Exchange, text: string, reply: UpstreamReply): void {
  const value = parseJson(text)
  if (isObject(value)) {
    const shaped = shape(bridge, exchange, value, reply)
    if (shaped) bridge.writer.send(shaped === value ? onOneLine(text) : JSON.stringify(shaped))
  } else if (Array.isArray(value)) {
    const shaped = value.flatMap((part) =>
      isObject(part) ? (shape(bridge, exchange, part, reply) ?? []) : [],
    )
    const same = shaped.length === value.length && shaped.every((part, at) => part === value[at])
    if (shaped.length > 0) bridge.writer.send(same ? onOneLine(text) : JSON.stringify(shaped))
  }
}

/** The message for the host: itself where nothing has to change, undefined where the host may not see it. */
function shape(bridge: Bridge, exchange: Exchange, value: Json, reply: UpstreamReply): Json | undefined {
  if (typeof value.method === 'string') return shapeUnasked(bridge, exchange, value)
  const call = callOf(exchange, value.id)
  if (!call) {
    if (comesLate(exchange, value)) keepForLater(bridge, exchange, value, reply)
    else if (isObject(value.error) && !isId(value.id)) exchange.refusal = value
    return undefined
  }
  if (isObject(value.error) && isEraRefusal(bridge, exchange, call, value, reply)) {
    exchange.refusal = value
    return undefined
  }
  const instead = isObject(value.error) ? inputInstead(bridge, exchange, call, value.error) : undefined
  if (instead) {
    exchange.open.delete(call.id)
    return { jsonrpc: '2.0', id: call.id, result: instead }
  }
  if (isObject(value.result) && isInputRequired(value.result) && isAskedAcross(bridge, exchange)) {
    exchange.wanted = value.result
    return undefined
  }
  exchange.open.delete(call.id)
  const named = value.id === call.id ? value : { ...value, id: call.id }
  if (!isObject(value.result)) return named
  const result = shapeResult(bridge, exchange, call, value.result, reply)
  return result === value.result ? named : { ...named, result }
}

/** What a modern host is told where a legacy server gives an error that asks for something. */
function inputInstead(
  { peer }: Bridge,
  { message }: Exchange,
  { method }: Call,
  error: Json,
): Json | undefined {
  const isAcross = peer.foreignEra === 'legacy' && message.version !== undefined && MAY_ASK.includes(method)
  return isAcross ? toInputRequired(error, identityOf(message).capabilities) : undefined
}

/** A legacy host cannot be told that more is wanted: it is asked. */
const isAskedAcross = ({ peer }: Bridge, { message }: Exchange): boolean =>
  peer.foreignEra === 'modern' && message.version === undefined

/** The answer to a call for which the host is still being asked. */
const comesLate = ({ inquiry, upstreamId, call }: Exchange, { id }: Json): boolean =>
  inquiry?.state !== undefined && id === (upstreamId ?? call?.id)

/** It is the answer to the host's retry. */
function keepForLater(bridge: Bridge, exchange: Exchange, value: Json, reply: UpstreamReply): void {
  if (!exchange.inquiry) return
  exchange.inquiry.late = () => {
    const shaped = shape(bridge, exchange, { ...value, id: exchange.upstreamId }, reply)
    if (shaped) bridge.writer.send(JSON.stringify(shaped))
  }
}

/** An error that another try may remedy: with the other era's words, or with headers from a fresh list. */
function isEraRefusal(
  bridge: Bridge,
  exchange: Exchange,
  call: Call,
  { error }: Json,
  { status }: UpstreamReply,
): boolean {
  if (isModernError(error)) {
    bridge.peer.speaksModern()
    const mayRelist = objectOr(error).code === -32020 && call.method === 'tools/call'
    if (call.method !== 'initialize') return mayRelist && !exchange.tried.includes('relist')
  }
  if (exchange.tried.includes('probe') || exchange.wasTranslated) return false
  if (call.method === 'initialize' || call.method === 'server/discover') return true
  const isUnknownMethod = status === 404 && objectOr(error).code === -32601
  return exchange.message.version !== undefined && status >= 400 && status < 500 && !isUnknownMethod
}

function shapeResult(
  { peer, memory, tools }: Bridge,
  { message }: Exchange,
  call: Call,
  result: Json,
  reply: UpstreamReply,
): Json {
  let shaped = result
  if (call.method === 'initialize') {
    peer.legacy.opened(reply.headers, result)
    memory.keep({ initialize: result })
  } else if (message.version !== undefined && peer.foreignEra === undefined) peer.speaksModern()
  if (call.method === 'server/discover') memory.keep({ discover: result })
  const listed = call.method === 'tools/list' ? toolsOf(result) : undefined
  if (listed) {
    const sound = tools.learn(listed)
    if (sound) shaped = { ...result, tools: sound }
    memory.keepPage(call.params?.cursor, shaped)
  }
  return message.version !== undefined && peer.foreignEra === 'legacy' ? completed(shaped, call) : shaped
}
