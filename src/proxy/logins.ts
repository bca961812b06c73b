import { ZukoError } from '../errors.js'
import type { LoginContext } from './context.js'
import type { LoginNeed } from './preparation.js'
import { shareLogin } from './shared-login.js'
import { type Credential, covers, scopes } from './token-cache.js'
import type { Outcome } from './types.js'

/** A browser opens by itself at most this often for the same scopes; the address is given out every time. */
const TAB_PAUSE_MS = 5 * 60_000
/** How often a person is asked for the same missing scopes. */
const MAX_STEP_UPS = 2

export interface Logins {
  /**
   * Starts a login, or joins the one under way.
   * @throws ZukoError FAILED once a person has been asked for the same scopes in vain
   */
  start(need: LoginNeed): Promise<Outcome>
  settled(): Promise<unknown>
}

/** The logins of this process: one at a time, and no more tabs or step-ups than a person can bear. */
export function createLogins(
  context: LoginContext,
  remember: (credential: Credential) => unknown,
  signal: AbortSignal,
): Logins {
  const { options } = context
  const tabs = new Map<string, number>()
  const stepUps = new Map<string, number>()
  let running: { outcome: Promise<Outcome>; done: Promise<unknown> } | undefined
  const keyOf = ({ scope }: LoginNeed): string => scopes(scope).sort().join(' ')

  const begin = (need: LoginNeed) => {
    const key = keyOf(need)
    const mayOpen = options.now() - (tabs.get(key) ?? Number.NEGATIVE_INFINITY) >= TAB_PAUSE_MS
    if (mayOpen) tabs.set(key, options.now())
    const { signIn, done } = shareLogin(context, need, { mayOpen, signal })
    const token = done.then((credential) => {
      remember(credential)
      if (need.status === 403 && !covers(credential, need.scope)) {
        stepUps.set(key, MAX_STEP_UPS)
        throw notGranted(need.scope, options.url)
      }
      return credential.accessToken
    })
    token.catch(() => {})
    const outcome = signIn.then(async (at): Promise<Outcome> => {
      if (at) return { kind: 'sign-in', ...at, done: token }
      return { kind: 'token', token: await token }
    })
    outcome.catch(() => {})
    return { outcome, done }
  }

  return {
    start: async (need: LoginNeed): Promise<Outcome> => {
      if (!running) {
        const key = keyOf(need)
        const before = stepUps.get(key) ?? 0
        if (need.status === 403 && before >= MAX_STEP_UPS) throw notGranted(need.scope, options.url)
        if (need.status === 403) stepUps.set(key, before + 1)
        const begun = begin(need)
        running = begun
        begun.done
          .catch(() => {})
          .finally(() => {
            running = undefined
          })
      }
      return running.outcome
    },
    settled: () => running?.done ?? Promise.resolve(),
  }
}

const notGranted = (scope: string | undefined, url: URL): ZukoError =>
  new ZukoError('FAILED', `The sign-in did not grant what this call needs${scope ? `: ${scope}` : ''}.`, {
    fix: `sign in again and allow it: zuko-mcp proxy login ${url.href}`,
  })
