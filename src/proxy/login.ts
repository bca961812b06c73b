import { isZukoError, ZukoError } from '../errors.js'
import { openInBrowser } from './browser.js'
import { type Expected, genuineReply, type Reply } from './callback.js'
import type { LoginContext } from './context.js'
import { requirePkce } from './discovery.js'
import { GrantRefused, type Grants, readable } from './grants.js'
import { credentialFrom, type Found, findServer, type LoginNeed } from './preparation.js'
import type { Credential, PendingLogin } from './token-cache.js'
import type { SignIn } from './types.js'
import { beginVisit, resumeVisit, type Visit } from './visit.js'

export interface LoginHooks {
  /** Where to sign in, as soon as it is known and somebody listens for the answer. */
  announce(signIn: SignIn): void
  /** Whether a browser may be opened by itself; the address is always printed. */
  mayOpen: boolean
  /** Reads an address that the person pastes; undefined when there is nothing more to read. */
  paste?: (() => Promise<string | undefined>) | undefined
  signal: AbortSignal
}

/**
 * Has a person sign in and keeps what they bring. Only the owner of the login's lock calls this.
 * @throws ZukoError FAILED when the server or the person does not go along, UNAVAILABLE for passing trouble,
 * INTERRUPTED when the signal ended it; the sign-in page then stays good for whoever takes over
 */
export async function logIn(context: LoginContext, need: LoginNeed, hooks: LoginHooks): Promise<Credential> {
  const found = await findServer(context, need)
  await refuseMovedClient(context, found)
  if (context.options.device) {
    return (await import('./device.js')).logInByDevice(context, found, hooks)
  }
  requirePkce(found.server)
  try {
    return await signIn(context, found, hooks)
  } catch (error) {
    const registered = await context.cache.registration(found.server.issuer)
    if (!(error instanceof GrantRefused) || error.kind !== 'client' || !registered) throw readable(error)
    await context.cache.forgetRegistration(found.server.issuer)
    return await signIn(context, found, hooks).catch((again) => {
      throw readable(again)
    })
  }
}

/**
 * A client id that the person gave belongs to one authorization server; another one must not even see it.
 * @throws ZukoError FAILED where the resource has moved since the last login
 */
async function refuseMovedClient({ options, cache }: LoginContext, { server }: Found): Promise<void> {
  const before = options.clientId ? await cache.known() : undefined
  if (!before || before.issuer === server.issuer) return
  throw new ZukoError(
    'FAILED',
    `${options.url.href} signs in at ${server.issuer} now, not at ${before.issuer}.`,
    {
      fix: 'pass the --client-id that the new server knows, or run zuko-mcp proxy logout to use the same one',
    },
  )
}

async function signIn(context: LoginContext, found: Found, hooks: LoginHooks): Promise<Credential> {
  const visit = (await resumeVisit(context, found)) ?? (await beginVisit(context, found))
  try {
    const { credential: answered, paste } = awaitAnswer(context, found, visit, hooks.signal)
    answered.catch(() => {})
    const opens = context.options.browser && hooks.mayOpen && !visit.pending.shown
    // Kept before the browser starts, so that a process killed in between is not followed by a second tab.
    await context.cache.savePending({ ...visit.pending, shown: visit.pending.shown || opens })
    hooks.announce({ url: visit.pending.authorizationUrl })
    await show(context, visit.pending, opens)
    if (hooks.paste) {
      context.options.say('Where that browser is on another machine, paste the address that it ends on here.')
      paste(hooks.paste)
    }
    const credential = await answered
    await context.cache.savePending(undefined)
    return credential
  } catch (error) {
    const interrupted = isZukoError(error, 'INTERRUPTED')
    if (!interrupted) await context.cache.savePending(undefined)
    throw error
  } finally {
    visit.callback.close()
  }
}

/** Prints the address and, where a person may be looking, opens it: one tab for a login, whoever finishes it. */
async function show({ options, cache }: LoginContext, pending: PendingLogin, opens: boolean): Promise<void> {
  const url = new URL(pending.authorizationUrl)
  const open = options.openBrowser
    ? (at: URL) =>
        options.openBrowser?.(at).then(
          () => true,
          () => false,
        )
    : openInBrowser
  const opened = opens && (await open(url))
  if (opens && !opened) await cache.savePending(pending)
  options.say(
    `${opened ? 'Your browser opens to sign in. If it does not, go to' : 'To sign in, go to'}: ${url.href}`,
  )
}

interface Awaiting {
  credential: Promise<Credential>
  /** Reads answers from there as well. */
  paste(read: () => Promise<string | undefined>): void
}

/** Listens for the first genuine answer; it makes the credential, whichever way it came. */
function awaitAnswer(
  context: LoginContext,
  found: Found,
  { pending, grants, callback }: Visit,
  signal: AbortSignal,
): Awaiting {
  const { options, cache } = context
  const expected: Expected = {
    state: pending.state,
    issuer: found.server.issuer,
    issuerRequired: found.server.authorization_response_iss_parameter_supported === true,
  }
  const { promise, resolve, reject } = deferred<Credential>()
  const tooLate = () => reject(nobodyCame(options.authTimeoutMs, options.url))
  const timer = setTimeout(tooLate, pending.until - options.now())
  const interrupt = () => {
    clearTimeout(timer)
    reject(new ZukoError('INTERRUPTED', 'The login was cancelled.'))
  }
  signal.addEventListener('abort', interrupt, { once: true })
  if (signal.aborted) interrupt()
  const finish = async (reply: Reply): Promise<boolean> => {
    clearTimeout(timer)
    try {
      const credential = await redeem(found, pending, grants, reply, options.url)
      await cache.save(credential, 'login')
      resolve(credential)
      return true
    } catch (error) {
      reject(error)
      return false
    }
  }
  callback.expect(expected, finish)
  return {
    credential: promise,
    paste: (read) => void readPasted(read, options.say, expected, finish).catch(reject),
  }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

export const nobodyCame = (ms: number, url: URL): ZukoError =>
  new ZukoError('FAILED', `Nobody signed in within ${Math.round(ms / 1000)} seconds.`, {
    fix: `zuko-mcp proxy login ${url.href}`,
  })

async function readPasted(
  paste: () => Promise<string | undefined>,
  say: (line: string) => void,
  expected: Expected,
  finish: (reply: Reply) => Promise<boolean>,
): Promise<void> {
  for (let line = await paste(); line !== undefined; line = await paste()) {
    const text = line.trim()
    const reply = URL.canParse(text) ? genuineReply(new URL(text).searchParams, expected) : undefined
    if (reply) {
      await finish(reply)
      return
    }
    if (text)
      say('That is not the answer to this sign-in. Paste the whole address that the browser ended on.')
  }
}

async function redeem(
  found: Found,
  pending: PendingLogin,
  grants: Grants,
  reply: Reply,
  url: URL,
): Promise<Credential> {
  if ('error' in reply) {
    const declined = reply.error === 'access_denied'
    const message = declined ? 'The sign-in was declined.' : `The sign-in ended with ${reply.error}.`
    throw new ZukoError('FAILED', message, { fix: `to try again: zuko-mcp proxy login ${url.href}` })
  }
  const { verifier, state, redirectUri, resource } = pending
  const tokens = await grants.code(new URL(reply.search, redirectUri), { verifier, state }, { resource })
  return credentialFrom(found, pending.clientId, tokens)
}
