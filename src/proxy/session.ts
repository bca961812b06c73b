import { setTimeout as sleep } from 'node:timers/promises'
import { isZukoError, ZukoError } from '../errors.js'
import { type LoginContext, openContext } from './context.js'
import { parseChallenge } from './discovery.js'
import { createLogins } from './logins.js'
import type { LoginNeed } from './preparation.js'
import { clientCredentialsMint, createRenewal, type Renew, refreshMint } from './refresh.js'
import { adoptable } from './shared-login.js'
import { type Credential, isAlive, isFresh } from './token-cache.js'
import type { Outcome, ProxyOptions, Refusal, Session } from './types.js'

/** A token refused this soon after its renewal will not get better by another one. */
const YOUNG_MS = 60_000
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
    token: async () => token,
    challenged: async ({ status }) =>
      status === 401
        ? { kind: 'failed', message: `${what} was refused.`, fix: `${fix}, or leave it out to sign in` }
        : { kind: 'failed', message: `${what} does not cover this call.`, fix: `${fix} with more scopes` },
    onLogin: () => {},
    close: async () => {},
  }
}

/** What this process knows of the login, and who wants to hear of a new one. */
interface Memory {
  current: Credential | undefined
  listeners: (() => void)[]
  /** Remembers a login that a person brought, and says so once. */
  learn(credential: Credential): void
}

function createMemory(): Memory {
  const memory: Memory = {
    current: undefined,
    listeners: [],
    learn: (credential) => {
      const isNew = memory.current?.accessToken !== credential.accessToken
      memory.current = credential
      if (isNew) for (const listener of memory.listeners) listener()
    },
  }
  return memory
}

function loginSession(given: ProxyOptions): Session {
  const ending = new AbortController()
  const context = openContext(given, ending.signal)
  const { options } = context
  const mint = options.clientCredentials ? clientCredentialsMint(context) : refreshMint(context)
  const renewal = createRenewal(context, mint)
  const memory = createMemory()
  const closing = new AbortController()
  const watching = watchLogins(context, memory)
  const logins = createLogins(context, memory.learn, closing.signal)
  const parts: Parts = { context, memory, renew: renewal.renew, logIn: logins.start }
  return {
    token: async () => {
      try {
        const token = await tokenAtHand(parts)
        if (token === undefined) watching.start()
        return token
      } catch (error) {
        if (!isZukoError(error)) throw error
        return undefined
      }
    },
    challenged: (refusal) => {
      watching.start()
      return answer(parts, refusal).catch(failed)
    },
    onLogin: (listener) => void memory.listeners.push(listener),
    close: async () => {
      watching.stop()
      closing.abort(cancelled())
      const settled = Promise.allSettled([renewal.settled(), logins.settled()])
      await Promise.race([settled, sleep(CLOSING_MS, undefined, { ref: false })])
      ending.abort(cancelled())
    },
  }
}

const cancelled = (): ZukoError => new ZukoError('INTERRUPTED', 'The login was cancelled.')

interface Parts {
  context: LoginContext
  memory: Memory
  renew: Renew
  logIn(need: LoginNeed): Promise<Outcome>
}

function failed(error: unknown): Outcome {
  if (!isZukoError(error)) throw error
  const { message, fix } = error
  return { kind: 'failed', message, ...(fix === undefined ? {} : { fix }) }
}

const ready = ({ accessToken }: Credential): Outcome => ({ kind: 'token', token: accessToken })

/** The token that is kept, renewed in time. While it still works, a slow renewal holds nobody up. */
async function tokenAtHand({ context, memory, renew }: Parts): Promise<string | undefined> {
  const { options, cache } = context
  memory.current ??= await cache.credential()
  const kept = memory.current
  const now = options.now()
  if (kept && isFresh(kept, now)) return kept.accessToken
  if (!kept && !options.clientCredentials) return undefined
  const renewed = renew().then((credential) => {
    memory.current = credential ?? memory.current
    return credential?.accessToken
  })
  if (!kept || !isAlive(kept, now)) return renewed
  const patience = sleep(RENEWAL_PATIENCE_MS, undefined, { ref: false })
  return (await Promise.race([renewed.catch(() => undefined), patience])) ?? kept.accessToken
}

/** Tries everything that needs no person, then asks one. */
async function answer(parts: Parts, refusal: Refusal): Promise<Outcome> {
  const { context, memory } = parts
  const wanted = refusal.status === 403 ? parseChallenge(refusal.wwwAuthenticate).scope : undefined
  const newer = await adoptable(context, { refused: refusal.token, scope: wanted })
  if (newer) {
    memory.current = newer
    return ready(newer)
  }
  const renewed = refusal.status === 401 ? await renewRefused(parts, refusal) : undefined
  if (renewed) return ready(renewed)
  if (context.options.clientCredentials) throw noPerson(refusal.status, wanted)
  const { status, wwwAuthenticate, token: refused } = refusal
  return parts.logIn({ status, wwwAuthenticate, refused, scope: wanted })
}

const noPerson = (status: 401 | 403, wanted: string | undefined): ZukoError =>
  status === 403
    ? new ZukoError(
        'FAILED',
        `The client's token does not cover this call (${wanted ?? 'no scope named'}).`,
        {
          fix: 'have the client allowed more, and name it with --scope',
        },
      )
    : new ZukoError('FAILED', "The server refuses the client's own token.", {
        fix: 'check the client and its scopes: zuko-mcp proxy doctor',
      })

/** A token that a refusal has brought a moment ago and that is refused as well is past renewing. */
async function renewRefused(
  { context, memory, renew }: Parts,
  { token, wwwAuthenticate }: Refusal,
): Promise<Credential | undefined> {
  const { cache, options } = context
  const kept = await cache.credential()
  if (!kept && !options.clientCredentials) return undefined
  const hopeless = kept?.renewedAfterRefusal && options.now() - kept.obtainedAt < YOUNG_MS
  if (kept && hopeless && kept.accessToken === token) return undefined
  const renewed = await renew({ token, wwwAuthenticate })
  memory.current = renewed ?? memory.current
  return renewed
}

/** Learns of logins that siblings bring. Watches only once one is missed. */
function watchLogins({ cache }: LoginContext, memory: Memory): { start(): void; stop(): void } {
  let stopped = false
  let stop: Promise<() => void> | undefined
  const look = async () => {
    const kept = await cache.credential().catch(() => undefined)
    if (kept && !stopped) memory.learn(kept)
  }
  return {
    start: () => {
      stop ??= cache.watch(() => void look())
    },
    stop: () => {
      stopped = true
      void stop?.then((end) => end())
    },
  }
}
