import { expect, it } from 'vitest'
import { loginCommand } from '../../src/proxy/commands/login.js'
import { openContext } from '../../src/proxy/context.js'
import { tryLock } from '../../src/proxy/lock.js'
import { shareLogin } from '../../src/proxy/shared-login.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()

const need = { status: 401 as const, wwwAuthenticate: undefined, refused: undefined, scope: undefined }

function share(signal = new AbortController().signal, more = {}) {
  return shareLogin(openContext(at.person.options), { ...need, ...more }, { mayOpen: true, signal })
}

it('adopts what a sibling brought a moment before, and asks nobody', async () => {
  await loginCommand(at.person.options)
  const login = share()
  expect(at.auth.isGood((await login.done).accessToken)).toBe(true)
  expect(await login.signIn).toBeUndefined()
  expect(at.person.tabs).toHaveLength(1)
})

it('is no end of the matter when what the sibling brought is not enough', async () => {
  await loginCommand(at.person.options)
  const kept = await openContext(at.person.options).cache.credential()
  const login = share(undefined, { refused: kept?.accessToken })
  expect((await login.done).accessToken).not.toBe(kept?.accessToken)
  expect(at.person.tabs).toHaveLength(2)
})

it('ends in words when the owner of the login stands still', async () => {
  const { options } = at.person
  const { cache } = openContext(options)
  const lock = await tryLock(options.directory, `${cache.name}.login`)
  if (!lock.held) throw new Error('Nobody else is here.')
  const hooks = { mayOpen: true, signal: new AbortController().signal }
  const login = shareLogin(openContext({ ...options, authTimeoutMs: 50 }), need, hooks)
  await expect(login.done).rejects.toThrow('has kept the sign-in to itself for too long')
  await lock.release()
})

it('ends when it is told to while it waits for a sibling', async () => {
  const { cache } = openContext(at.person.options)
  const lock = await tryLock(at.person.options.directory, `${cache.name}.login`)
  if (!lock.held) throw new Error('Nobody else is here.')
  const controller = new AbortController()
  const login = share(controller.signal)
  controller.abort(new Error('over'))
  await expect(login.done).rejects.toThrow()
  await lock.release()
})
