import { setTimeout as sleep } from 'node:timers/promises'
import { failureAnswer } from './answers.js'
import type { Bridge } from './bridge.js'
import type { Exchange } from './exchange.js'
import { type InputRequest, inputRequest, MOST_INPUTS, toLegacyInput, undeclared } from './inputs.js'
import { Life } from './life.js'
import { type Call, isObject, type Json, messageFrom, objectOr } from './message.js'

/** How often one call may be answered with another question. */
const MOST_ROUNDS = 10

/** Before a call is repeated that the server only put off. */
const PUT_OFF_MS = 250

/**
 * A modern server wants to know something before it goes on with a legacy host's call (2026-07-28
 * basic/patterns/mrtr): asks the host, and prepares the call to be sent again with what it said. False where
 * that came to nothing; then the host has its answer.
 */
export async function prepareRound(bridge: Bridge, exchange: Exchange, asked: Json): Promise<boolean> {
  const { call, life } = exchange
  if (!call) return false
  exchange.rounds += 1
  const before = bridge.now()
  const answers = await answersTo(bridge, exchange, asked).catch((error: Error) => error)
  exchange.deadline += bridge.now() - before
  if (life.isOver) return false
  if (answers instanceof Error) {
    exchange.open.clear()
    bridge.writer.send(failureAnswer(call, answers.message))
    return false
  }
  repeat(exchange, call, asked, answers)
  return true
}

/** The next round is a request of its own, with an id of its own. */
function repeat(exchange: Exchange, call: Call, asked: Json, inputResponses: Json | undefined): void {
  const { requestState } = asked
  exchange.upstreamId = `zuko-round-${exchange.rounds}`
  exchange.sent = messageFrom({
    ...(exchange.message.value as Json),
    id: exchange.upstreamId,
    params: {
      ...call.params,
      ...(inputResponses && { inputResponses }),
      ...(requestState !== undefined && { requestState }),
    },
  })
}

/** What the host said to each question. @throws Error whose message says why it cannot be had */
async function answersTo(bridge: Bridge, exchange: Exchange, asked: Json): Promise<Json | undefined> {
  if (exchange.rounds > MOST_ROUNDS) {
    throw new Error(`The server still asked for input after ${MOST_ROUNDS} rounds. Fix: try again later.`)
  }
  const questions = Object.entries(objectOr(asked.inputRequests)).map(
    ([key, value]) => [key, checked(value, bridge.peer.hostCapabilities)] as const,
  )
  if (questions.length > MOST_INPUTS) {
    throw new Error(
      `The server asked for ${questions.length} inputs at once, but ${MOST_INPUTS} is the most.`,
    )
  }
  if (questions.length > 0) return askAll(bridge, exchange.life, questions)
  if (asked.requestState === undefined) {
    throw new Error('The server asked for input, but did not say for what.')
  }
  await sleep(PUT_OFF_MS, undefined, { signal: exchange.life.signal })
  return undefined
}

/** Only what the host declared may be asked, and nothing but the three kinds (Server Requirements 2 and 6). */
function checked(value: unknown, capabilities: Json): InputRequest {
  const request = inputRequest(value)
  if (!request) throw new Error('The server asked for an input that the protocol does not know.')
  const capability = undeclared(request, capabilities)
  if (capability === undefined) return toLegacyInput(request)
  throw new Error(
    `The server asked for ${request.method}, but this client did not declare the capability "${capability}". Fix: use a client that supports it.`,
  )
}

/** All at once; the first refusal calls the others off. */
async function askAll(
  { questions, answerMs }: Bridge,
  life: Life,
  wanted: readonly (readonly [string, InputRequest])[],
): Promise<Json> {
  const round = new Life()
  const forget = life.onOver(() => round.end())
  const timer = setTimeout(() => round.end(), answerMs)
  try {
    const answers = wanted.map(async ([key, request]) => {
      const response = await questions.ask(request, round)
      if (!response) throw new Error(`${request.method} was not answered within ${answerMs / 1000} s.`)
      return [key, resultIn(response, request)] as const
    })
    return Object.fromEntries(await Promise.all(answers))
  } finally {
    clearTimeout(timer)
    forget()
    round.end()
  }
}

/** An error has no place among a server's `inputResponses`: it is not waiting, so the call ends here. */
function resultIn({ result, error }: Json, { method }: InputRequest): Json {
  if (isObject(result)) return result
  const why = String(objectOr(error).message ?? 'it gave no result')
  throw new Error(`The server asked for ${method}, which this client did not answer: ${why}`)
}
