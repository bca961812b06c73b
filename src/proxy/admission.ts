import { acknowledgment } from './announcer.js'
import { failureAnswer, signInAnswer, wordsOf } from './answers.js'
import type { Bridge } from './bridge.js'
import type { Exchange } from './exchange.js'
import { GREETED } from './greeting.js'
import type { Outcome, Refusal } from './types.js'
import type { Sent } from './wire.js'

/** How long an opening request waits for a token that needs no person, before the bridge answers it. */
const QUICK_MS = 3_000

/** What a reply says against its token, if the login is to hear of it (RFC 6750 3.1, MCP authorization). */
export function refusalIn({ reply, token }: Sent): Refusal | undefined {
  const { status } = reply
  if (status !== 401 && status !== 403) return undefined
  const wwwAuthenticate = reply.headers['www-authenticate']
  return status === 401 || wantsScope(wwwAuthenticate ?? '') ? { status, wwwAuthenticate, token } : undefined
}

/** A 403 that asks for more scope: it says insufficient_scope, or names a scope and no other error. */
const wantsScope = (challenge: string): boolean =>
  /\berror\s*=\s*"?insufficient_scope\b/i.test(challenge) ||
  (/\bscope\s*=/i.test(challenge) && !/\berror\s*=/i.test(challenge))

/**
 * Takes a refusal to the login and waits as long as the host can be kept waiting. True when there is a token
 * to try again with; else the host has its answer, and the login goes on.
 */
export async function admit(bridge: Bridge, exchange: Exchange, refusal: Refusal): Promise<boolean> {
  exchange.logins += 1
  const outcome = await quickly(bridge, exchange, ask(bridge, refusal))
  if (outcome?.kind === 'token') return true
  if (await greet(bridge, exchange)) return false
  if (outcome?.kind !== 'sign-in') return answerAll(bridge, exchange, outcome)
  const isSubscription = exchange.call?.method === 'subscriptions/listen'
  if (isSubscription) acknowledge(bridge, exchange)
  const done: Promise<Outcome> = outcome.done.then((token) => ({ kind: 'token', token }), failed)
  const end = isSubscription ? await untilOver(exchange, done) : await within(bridge, exchange, done)
  return end?.kind === 'token' || answerAll(bridge, exchange, end ?? outcome)
}

/** Whoever waits for the login hears how it ends; where nobody does, its failure is no fault of the bridge. */
async function ask({ session }: Bridge, refusal: Refusal): Promise<Outcome> {
  try {
    const outcome = await session.challenged(refusal)
    if (outcome.kind === 'sign-in') outcome.done.catch(() => {})
    return outcome
  } catch (error) {
    return failed(error)
  }
}

/** The token to go with, or undefined for none; `late` where the host's patience was over first, and it was told. */
export async function tokenFor(
  bridge: Bridge,
  exchange: Exchange,
): Promise<string | undefined | typeof LATE> {
  const asked = bridge.wire.token()
  if (!(asked instanceof Promise)) return asked
  const found = await quickly(
    bridge,
    exchange,
    asked.then((token) => ({ token })),
  )
  if (found) return found.token
  if (!(await greet(bridge, exchange))) answerAll(bridge, exchange, undefined)
  return LATE
}

export const LATE = Symbol('late')

export const isGreeted = ({ call }: Exchange): boolean => call !== undefined && GREETED.includes(call.method)

/** Answers an opening request in the server's place. True when it did. For want of a login it always can. */
export async function greet(bridge: Bridge, exchange: Exchange, forLogin = true): Promise<boolean> {
  const { call, open } = exchange
  if (!call || !isGreeted(exchange)) return false
  const result = await bridge.greeting.resultFor(call, forLogin)
  if (!result || !open.delete(call.id)) return false
  bridge.writer.send(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }))
  bridge.announcer.greeted(exchange.message.version !== undefined, forLogin)
  return true
}

const failed = (error: unknown): Outcome => ({ kind: 'failed', message: wordsOf(error) })

/** Tells every open request how its login stands: where to sign in, why it failed, or that it has yet to begin. */
function answerAll({ writer, host }: Bridge, { open }: Exchange, outcome: Outcome | undefined): false {
  for (const call of open.values()) {
    if (outcome?.kind === 'sign-in') writer.send(signInAnswer(call, host, outcome))
    else if (outcome?.kind === 'failed')
      writer.send(
        failureAnswer(call, outcome.fix ? `${outcome.message} Fix: ${outcome.fix}.` : outcome.message),
      )
    else {
      const words = `The sign-in at ${host} has not begun yet. Fix: try again; \`zuko-mcp proxy doctor\` tells what it waits for.`
      writer.send(failureAnswer(call, words))
    }
  }
  open.clear()
  return false
}

/** A subscription can wait for a login as long as it takes, once it is acknowledged. */
function acknowledge({ writer, announcer }: Bridge, exchange: Exchange): void {
  if (!exchange.call || exchange.isAcknowledged) return
  exchange.isAcknowledged = true
  writer.send(acknowledgment(exchange.call.id, { toolsListChanged: true }))
  announcer.subscribe(exchange.call.id)
}

const quickly = <T>(bridge: Bridge, exchange: Exchange, value: Promise<T>): Promise<T | undefined> =>
  within(bridge, exchange, value, isGreeted(exchange) ? QUICK_MS : Number.POSITIVE_INFINITY)

/** The value, or undefined once the host's patience (or `atMostMs`) is over or the exchange has ended. */
async function within<T>(
  { now }: Bridge,
  exchange: Exchange,
  value: Promise<T>,
  atMostMs = Number.POSITIVE_INFINITY,
): Promise<T | undefined> {
  const ms = Math.max(0, Math.min(atMostMs, exchange.deadline - now()))
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([untilOver(exchange, value), over])
  } finally {
    clearTimeout(timer)
  }
}

/** The value, or undefined once the exchange has ended. */
function untilOver<T>({ life }: Exchange, value: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const forget = life.onOver(() => resolve(undefined))
    value.then(resolve, reject).finally(forget)
  })
}
