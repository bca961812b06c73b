import { errorAnswer, failureAnswer, INTERNAL_ERROR, resultAnswer, wordsOf } from './answers.js'
import type { Bridge } from './bridge.js'
import { identityOf } from './eras.js'
import type { Exchange } from './exchange.js'
import { nameOf } from './headers.js'
import { inputRequest, MAY_ASK, MOST_INPUTS, toModernInput, undeclared } from './inputs.js'
import { createKeeping, type Inquiry, newInquiry } from './keeping.js'
import { type Call, isObject, type Json, objectOr } from './message.js'

/**
 * What a legacy server asks of a modern host in the course of a call. The host has its call answered with
 * `input_required`, the connection to the server is kept, and the host's retry brings the answers and takes the
 * call's place (2026-07-28 basic/patterns/mrtr).
 */
export interface Inquiries {
  /** A request of the server's in the course of this exchange, or of none that waits. */
  asked(exchange: Exchange | undefined, request: Json): void
  /** Takes a retry to the call that it continues. True where the message was one. */
  resumed(retry: Exchange): Promise<boolean>
  /** The exchange has ended, whatever ended it. */
  ended(exchange: Exchange): void
}

const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602

const EXPIRED =
  'The requestState is unknown, used or expired, or of another request. Fix: send the request again without requestState and inputResponses.'

export function createInquiries(bridge: () => Bridge): Inquiries {
  const kept = createKeeping((exchange) => {
    if (!exchange.inquiry?.late) withdraw(bridge(), exchange)
    exchange.cancel()
  })
  /** Hands what is asked to the host, in the answer to the call that waits. */
  const put = (exchange: Exchange) => {
    const { inquiry, open } = exchange
    const [call] = open.values()
    if (!inquiry) return
    inquiry.isDue = false
    if (!call || inquiry.questions.size === 0) return
    const { answerMs, writer } = bridge()
    const state = kept.keep(exchange, inquiry, answerMs)
    open.delete(call.id)
    writer.send(resultAnswer(call.id, inputRequired(inquiry, state)))
  }
  /** With what else comes in the same moment. */
  const putSoon = (exchange: Exchange, inquiry: Inquiry) => {
    if (!inquiry.isDue) setImmediate(put, exchange)
    inquiry.isDue = true
  }
  return {
    asked(exchange, request) {
      const refusal = refusalOf(exchange, request)
      if (refusal) return void tell(bridge(), refusal)
      if (!exchange) return
      const inquiry = exchange.inquiry ?? newInquiry()
      exchange.inquiry = inquiry
      inquiry.asked += 1
      inquiry.questions.set(`input-${inquiry.asked}`, request)
      putSoon(exchange, inquiry)
    },
    async resumed(retry) {
      const { call, message } = retry
      const state = call?.params?.requestState
      const isRetry = message.version !== undefined && bridge().peer.foreignEra === 'legacy'
      if (!call || state === undefined || !isRetry) return false
      const exchange = kept.take(state, (one) => isSame(one.call, call))
      retry.open.clear()
      if (exchange) await resume(bridge(), exchange, call)
      else bridge().writer.send(errorAnswer(call.id, EXPIRED, INVALID_PARAMS))
      if (exchange?.inquiry) putSoon(exchange, exchange.inquiry)
      return true
    },
    ended: ({ inquiry }) => {
      if (inquiry && !inquiry.late) kept.forget(inquiry)
    },
  }
}

const inputRequired = ({ questions }: Inquiry, requestState: string): Json => ({
  resultType: 'input_required',
  inputRequests: Object.fromEntries(
    Array.from(questions, ([key, { method, params }]) => [key, toModernInput(method, params)]),
  ),
  requestState,
})

/** The retry is of the same request: its method, and what it is about. */
const isSame = (one: Call | undefined, other: Call): boolean =>
  one?.method === other.method && nameOf(one) === nameOf(other)

/** The answer that the server gets at once: the bridge's own, or why the host cannot be asked. */
function refusalOf(exchange: Exchange | undefined, value: Json): Json | undefined {
  const { id, method } = value
  const refuse = (code: number, message: string) => ({ jsonrpc: '2.0', id, error: { code, message } })
  if (method === 'ping') return { jsonrpc: '2.0', id, result: {} }
  const request = inputRequest(value)
  if (!request) return refuse(METHOD_NOT_FOUND, `The client does not know the method ${String(method)}.`)
  if (!exchange?.call || !MAY_ASK.includes(exchange.call.method)) {
    return refuse(METHOD_NOT_FOUND, `The client can be asked only in the course of ${MAY_ASK.join(', ')}.`)
  }
  const missing = undeclared(request, identityOf(exchange.message).capabilities)
  if (missing !== undefined) {
    const code = missing.includes('.') ? INVALID_PARAMS : METHOD_NOT_FOUND
    return refuse(code, `The client did not declare the capability "${missing}".`)
  }
  if ((exchange.inquiry?.questions.size ?? 0) < MOST_INPUTS) return undefined
  return refuse(INTERNAL_ERROR, `The client is asked for ${MOST_INPUTS} inputs already.`)
}

/** The retry takes the place of the call, whose answer may be there already. */
async function resume(bridge: Bridge, exchange: Exchange, retry: Call): Promise<void> {
  exchange.upstreamId ??= exchange.call?.id
  exchange.open.add(retry)
  if (exchange.inquiry?.late) exchange.inquiry.late()
  else await passOn(bridge, exchange, retry)
}

/** Answers the server with what the retry holds; what it leaves out is asked for again. */
async function passOn(bridge: Bridge, exchange: Exchange, call: Call): Promise<void> {
  const questions = exchange.inquiry?.questions ?? new Map<string, Json>()
  const responses = objectOr(call.params?.inputResponses)
  const answered = [...questions].filter(([key]) => isObject(responses[key]))
  for (const [key] of answered) questions.delete(key)
  const told = answered.map(([key, { id }]) =>
    bridge.peer.tell({ jsonrpc: '2.0', id, result: responses[key] }),
  )
  await Promise.all(told).catch((error: unknown) => {
    if (exchange.open.delete(call.id)) bridge.writer.send(failureAnswer(call, wordsOf(error)))
    exchange.cancel()
  })
}

/** Nobody will answer: the server hears so, for each of its requests and for the call. */
export function withdraw(bridge: Bridge, { inquiry, upstreamId, call }: Exchange): void {
  const error = { code: INTERNAL_ERROR, message: 'The client gave no answer.' }
  for (const { id } of inquiry?.questions.values() ?? []) tell(bridge, { jsonrpc: '2.0', id, error })
  inquiry?.questions.clear()
  const requestId = upstreamId ?? call?.id
  if (requestId === undefined) return
  tell(bridge, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })
}

/** A server that does not take it does not wait for it either. */
const tell = ({ peer }: Bridge, value: Json): void => void peer.tell(value).catch(() => {})
