import { isZukoError, ZukoError } from '../errors.js'
import type { LoginContext } from './context.js'
import { type Holder, type Lock, tryLock, untilGone } from './lock.js'
import { type LoginHooks, logIn } from './login.js'
import type { LoginNeed } from './preparation.js'
import { adoptable, type Credential } from './token-cache.js'
import type { SignIn } from './types.js'

/** What the owner of a login tells those who wait for it. */
type Note = SignIn | { failed: string; fix: string | undefined }

export type SharedHooks = Omit<LoginHooks, 'announce'>

/** A login under way, ours or a sibling's. */
export interface SharedLogin {
  /** Where to sign in, once known; undefined where the login ended before anybody had to. */
  signIn: Promise<SignIn | undefined>
  /** @throws ZukoError as `logIn` */
  done: Promise<Credential>
}

/**
 * One login for all processes: one owns it, the others wait, hear from it where to sign in, and adopt what it
 * brings. When the owner dies, one of them takes over the very same sign-in page; when it fails, all hear why.
 */
export function shareLogin(context: LoginContext, need: LoginNeed, hooks: SharedHooks): SharedLogin {
  let announce: (signIn: SignIn | undefined) => void = () => {}
  const signIn = new Promise<SignIn | undefined>((resolve) => {
    announce = resolve
  })
  const done = run(context, need, { ...hooks, announce }).finally(() => announce(undefined))
  done.catch(() => {})
  return { signIn, done }
}

async function run(context: LoginContext, need: LoginNeed, hooks: LoginHooks): Promise<Credential> {
  for (;;) {
    hooks.signal.throwIfAborted()
    const found = await tryLock(context.options.directory, `${context.cache.name}.login`)
    const credential = found.held ? await own(context, need, hooks, found) : await wait(context, hooks, found)
    const enough = credential ?? (await adoptable(context.cache, need, context.options.now()))
    if (enough) return enough
  }
}

async function own(
  context: LoginContext,
  need: LoginNeed,
  hooks: LoginHooks,
  lock: Lock,
): Promise<Credential> {
  const tell = (note: Note) => lock.tell(JSON.stringify(note))
  const announce = (signIn: SignIn) => {
    tell(signIn)
    hooks.announce(signIn)
  }
  try {
    return (
      (await adoptable(context.cache, need, context.options.now())) ??
      (await logIn(context, need, { ...hooks, announce }))
    )
  } catch (error) {
    if (isZukoError(error) && error.code !== 'INTERRUPTED') tell({ failed: error.message, fix: error.fix })
    throw error
  } finally {
    await lock.release()
  }
}

/**
 * Waits until the owner is gone. The person is told here as well where to sign in, and what they paste here is
 * brought to the owner, who judges it.
 * @throws ZukoError FAILED with the owner's words when its login failed
 */
async function wait(
  { options, cache }: LoginContext,
  { announce, signal, paste }: LoginHooks,
  owner: Holder,
): Promise<undefined> {
  let failure: Extract<Note, { failed: string }> | undefined
  owner.onNote((line) => {
    const note = JSON.parse(line) as Note
    if ('failed' in note) {
      failure = note
      return
    }
    const where = note.code === undefined ? `: ${note.url}` : ` ${note.url} and enter the code ${note.code}`
    options.say(`Another zuko-mcp process waits for the same sign-in. To sign in, go to${where}`)
    announce(note)
    if (paste) void forward(paste, async () => (await cache.pending())?.redirectUri).catch(() => {})
  })
  const late = AbortSignal.timeout(2 * options.authTimeoutMs)
  await untilGone(owner, AbortSignal.any([signal, late]))
  if (late.aborted) throw stuck()
  if (failure) throw new ZukoError('FAILED', failure.failed, { fix: failure.fix })
}

/** The owner has outlived every sign-in; it may stand still. */
const stuck = (): ZukoError =>
  new ZukoError('UNAVAILABLE', 'Another zuko-mcp process has kept the sign-in to itself for too long.', {
    fix: 'end the other zuko-mcp process, then try again',
  })

/** Takes pasted answers to the address where the owner of the login listens, and to no other. */
async function forward(
  paste: () => Promise<string | undefined>,
  callback: () => Promise<string | undefined>,
): Promise<void> {
  for (let line = await paste(); line !== undefined; line = await paste()) {
    const text = line.trim()
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url && `${url.origin}${url.pathname}` === (await callback())) await fetch(url).catch(() => {})
  }
}
