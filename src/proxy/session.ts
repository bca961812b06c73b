import { setTimeout as sleep } from 'node:timers/promises'
import { isZukoError, ZukoError } from '../errors.js'
import type { Challenges } from './challenges.js'
import { openContext } from './context.js'
import { createMemory, watchLogins } from './login-memory.js'
import { type Credential, isAlive, isFresh } from './token-cache.js'
import type { Outcome, ProxyOptions, Session } from './types.js'

/** How long a call waits for a renewal while the token at hand still works. */
const RENEWAL_PATIENCE_MS = 2_000
/** How long closing waits for what must not be torn: a renewal or the end of a login. */
const CLOSING_MS = 250

/** The login of one proxy process: a `Session` that answers from a ready token, or from what is kept and renewed. */
export function openSession(options: ProxyOptions): Session {
  const own = Object.keys(options.headers).some((name) => name.toLowerCase() === 'authorization')
  if (options.token !== undefined)
    return fixedSession(options.token, 'The token in ZUKO_TOKEN', 'set another')
  if (own)
    return fixedSession(undefined, 'The Authorization header that was given', 'pass another with --header')
  return loginSession(options)
}

function fixedSession(token: string | undefined, what: string, fix: string): Session {
  return {
    token: () => token,
    challenged: async ({ status }) =>
      status === 401
        ? { kind: 'failed', message: `${what} was refused.`, fix: `${fix}, or leave it out to sign in` }
        : { kind: 'failed', message: `${what} does not cover this call.`, fix: `${fix} with more scopes` },
    onLogin: () => {},
    close: async () => {},
  }
}

/** What renews and logs in is read only when the token at hand is not enough. */
function loginSession(given: ProxyOptions): Session {
  const ending = new AbortController()
  const closing = new AbortController()
  const context = openContext(given, ending.signal)
  const { cache, options } = context
  const memory = createMemory()
  const watching = watchLogins(cache, memory)
  let opened: Promise<Challenges> | undefined
  let looking: Promise<string | undefined> | undefined
  const challenges = (): Promise<Challenges> => {
    opened ??= import('./challenges.js').then((room) => room.openChallenges(context, memory, closing.signal))
    return opened
  }
  const look = async (): Promise<string | undefined> => {
    try {
      const kept = memory.found(await cache.credential())
      if (kept && isFresh(kept, options.now())) return kept.accessToken
      if (!kept && !options.clientCredentials) return undefined
      return await renewed(await challenges(), kept, options.now())
    } catch {
      // Whatever it was, the refusal that follows asks again and tells the person.
      return undefined
    } finally {
      looking = undefined
    }
  }
  return {
    token: () => {
      const kept = memory.current
      if (kept && isFresh(kept, options.now()) && cache.isCurrent()) return kept.accessToken
      looking ??= look()
      return looking
    },
    challenged: async (refusal) => {
      watching.start()
      try {
        return await (await challenges()).answer(refusal)
      } catch (error) {
        return failed(error)
      }
    },
    onLogin: (listener) => void memory.listeners.push(listener),
    close: async () => {
      watching.stop()
      closing.abort(cancelled())
      const settled = opened?.then((room) => room.settled())
      await Promise.race([settled, sleep(CLOSING_MS, undefined, { ref: false })])
      ending.abort(cancelled())
    },
  }
}

const cancelled = (): ZukoError => new ZukoError('INTERRUPTED', 'The login was cancelled.')

function failed(error: unknown): Outcome {
  if (!isZukoError(error)) throw error
  const { message, fix } = error
  return { kind: 'failed', message, ...(fix === undefined ? {} : { fix }) }
}

/** The renewed token. While the one at hand still works, a slow or failing renewal holds nobody up. */
async function renewed(
  { renew }: Challenges,
  kept: Credential | undefined,
  now: number,
): Promise<string | undefined> {
  const token = renew().then((credential) => credential?.accessToken)
  if (!kept || !isAlive(kept, now)) return token
  const patience = sleep(RENEWAL_PATIENCE_MS, undefined, { ref: false })
  return (await Promise.race([token.catch(() => undefined), patience])) ?? kept.accessToken
}
