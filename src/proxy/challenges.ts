import { ZukoError } from '../errors.js'
import type { LoginContext } from './context.js'
import { parseChallenge } from './discovery.js'
import type { Memory } from './login-memory.js'
import { createLogins } from './logins.js'
import { createRenewal, mintFor, ownTokenRefused, type RefusedToken, refusalsOf } from './refresh.js'
import { adoptable, type Credential } from './token-cache.js'
import type { Outcome, Refusal } from './types.js'

/** After so many tokens refused as soon as they were made, another one is not tried: the person is asked. */
const MAX_REFUSALS = 3

/** What is done when the token at hand is not enough. */
export interface Challenges {
  renew(refusal?: RefusedToken): Promise<Credential | undefined>
  /**
   * Tries everything that needs no person, then asks one.
   * @throws ZukoError whose words are the answer
   */
  answer(refusal: Refusal): Promise<Outcome>
  settled(): Promise<unknown>
}

export function openChallenges(context: LoginContext, memory: Memory, signal: AbortSignal): Challenges {
  const { options, cache } = context
  const renewal = createRenewal(context, mintFor(context))
  const logins = createLogins(context, memory.remember, signal)
  const renew: Challenges['renew'] = async (refusal) => memory.remember(await renewal.renew(refusal))

  /** Where each new token is refused at once, the server does not mean its age. */
  const renewRefused = async ({ token, wwwAuthenticate }: Refusal): Promise<Credential | undefined> => {
    const kept = await cache.credential()
    if (!kept && !options.clientCredentials) return undefined
    const hopeless = kept && kept.accessToken === token && refusalsOf(kept, options.now()) >= MAX_REFUSALS
    if (hopeless) return undefined
    return renew({ token, wwwAuthenticate })
  }

  return {
    renew,
    answer: async (refusal) => {
      const { status, wwwAuthenticate, token: refused } = refusal
      const scope = status === 403 ? parseChallenge(wwwAuthenticate).scope : undefined
      const newer = memory.remember(await adoptable(cache, { refused, scope }, options.now()))
      const credential = newer ?? (status === 401 ? await renewRefused(refusal) : undefined)
      if (credential) return { kind: 'token', token: credential.accessToken }
      if (options.clientCredentials) throw noPerson(status, scope)
      return logins.start({ status, wwwAuthenticate, refused, scope })
    },
    settled: () => Promise.allSettled([renewal.settled(), logins.settled()]),
  }
}

const noPerson = (status: 401 | 403, scope: string | undefined): ZukoError =>
  status === 403
    ? new ZukoError('FAILED', `The client's token does not cover this call (${scope ?? 'no scope named'}).`, {
        fix: 'have the client allowed more, and name it with --scope',
      })
    : ownTokenRefused()
