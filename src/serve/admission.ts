import type { IncomingMessage } from 'node:http'
import type { PublicUrls } from '../config.js'
import type { ScopeNames } from '../scope-names.js'
import type { Tool } from '../tools/define.js'
import { callerAddress } from './address.js'
import { createChallenges } from './challenge.js'
import type { Principal } from './guard.js'
import { calledTool, type Message } from './message.js'
import type { RateLimit } from './rate-limit.js'
import { type Refusal, refuse } from './reply.js'

export interface AdmissionOptions {
  urls: PublicUrls
  /** What the authorization server calls the scopes; ours unless it is another product. */
  scopeNames?: ScopeNames | undefined
  tools: ReadonlyMap<string, Tool>
  /** Tool calls per person. Undefined is no limit. */
  rateLimit?: RateLimit | undefined
  /** Requests without a valid token per address. Undefined is no limit. */
  strangers?: RateLimit | undefined
}

type Refused = { refusal: Refusal }

export interface Admission {
  /** Why a message may not be served to a principal at this moment; undefined when it may. */
  admit(message: Message, principal: Principal): Promise<Refused | undefined>
  /** What a caller that the guard refused is told: that, or after too many of them to come back later. */
  turnAway(req: IncomingMessage, refused: Refused): Promise<Refused>
}

const tooMany = (what: string, seconds: number): Refused =>
  refuse(429, `RATE_LIMITED: too many ${what}. Fix: send this again in ${seconds} s.`, {
    headers: { 'Retry-After': String(seconds) },
  })

/**
 * A tool call needs the tool's scope (else 403 with a challenge) and a place in the person's rate (else 429).
 * Who has no valid token is counted by address, after the token was checked: nobody with one is kept out.
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { urls, scopeNames, tools, rateLimit, strangers } = options
  const challenges = createChallenges(urls, scopeNames)
  return {
    async admit(message, { caller, scopes }) {
      const name = calledTool(message)
      if (name === undefined) return undefined
      const tool = tools.get(name)
      if (tool && !scopes.includes(tool.scope)) return challenges.insufficient(name, tool.scope, scopes)
      const seconds = (await rateLimit?.take(caller.userId)) ?? 0
      return seconds === 0 ? undefined : tooMany('tool calls at once', seconds)
    },
    async turnAway(req, refused) {
      if (refused.refusal.status >= 500) return refused
      const seconds = (await strangers?.take(callerAddress(req))) ?? 0
      return seconds === 0
        ? refused
        : tooMany('requests without a valid token came from this address', seconds)
    },
  }
}
