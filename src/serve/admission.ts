import type { PublicUrls } from '../config.js'
import type { Tool } from '../tools/define.js'
import { createChallenges } from './challenge.js'
import type { Principal } from './guard.js'
import { calledTool, type Message } from './message.js'
import type { RateLimit } from './rate-limit.js'
import { type Refusal, refuse } from './reply.js'

export interface AdmissionOptions {
  urls: PublicUrls
  tools: ReadonlyMap<string, Tool>
  /** Undefined is no limit. */
  rateLimit?: RateLimit | undefined
}

/** Why a message may not be served to a principal at this moment; undefined when it may. */
export type Admission = (message: Message, principal: Principal) => { refusal: Refusal } | undefined

/** A tool call needs the tool's scope (else 403 with a challenge) and a place in the person's rate (else 429). */
export function createAdmission({ urls, tools, rateLimit }: AdmissionOptions): Admission {
  const challenges = createChallenges(urls)
  return (message, { caller, scopes }) => {
    const name = calledTool(message)
    if (name === undefined) return undefined
    const tool = tools.get(name)
    if (tool && !scopes.includes(tool.scope)) return challenges.insufficient(name, tool.scope, scopes)
    const seconds = rateLimit?.take(caller.userId) ?? 0
    if (seconds === 0) return undefined
    return refuse(
      429,
      `RATE_LIMITED: too many tool calls at once. Fix: send this call again in ${seconds} s.`,
      {
        headers: { 'Retry-After': String(seconds) },
      },
    )
  }
}
