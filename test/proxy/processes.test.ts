import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Built, copyProgram } from '../helpers/built.js'
import { type FakeAuth, fakeAuth } from '../helpers/fake-auth.js'
import { type Computer, computer, type LoginProcess, until } from '../helpers/processes.js'

let built: Built
let auth: FakeAuth
let home: Computer

beforeAll(() => {
  built = copyProgram()
})
afterAll(() => built.remove())

beforeEach(async () => {
  auth = await fakeAuth()
  home = computer(built.directory)
})
afterEach(async () => {
  home.remove()
  await auth.close()
})

const start = (more: Record<string, unknown> = {}): LoginProcess =>
  home.start({ url: auth.url.href, ...more })

async function startReady(count: number, more: Record<string, unknown> = {}): Promise<LoginProcess[]> {
  const processes = Array.from({ length: count }, () => start(more))
  await Promise.all(processes.map((one) => one.next('ready')))
  return processes
}

const tab = () => until(() => home.tabs()[0], 'a tab')
const sockets = () =>
  readdirSync(home.directory).filter((name) => statSync(join(home.directory, name)).isSocket())

/** A login that is kept, brought by a process that has ended. */
async function signedIn(): Promise<void> {
  const [first] = await startReady(1)
  first?.send('call')
  await fetch(await tab())
  expect(await first?.next('status')).toEqual({ status: 200 })
  first?.send('close')
  expect(await first?.exited).toBe(0)
}

const refreshRequests = () =>
  auth.of('/auth/token').filter(({ form }) => form.get('grant_type') === 'refresh_token')

describe('several processes at once', () => {
  it('share one tab, one registration and one login', async () => {
    const processes = await startReady(5)
    for (const one of processes) one.send('call')
    const urls = await Promise.all(processes.map((one) => one.next('signIn')))
    expect(new Set(urls.map(({ signIn }) => signIn)).size).toBe(1)
    await fetch(await tab())
    for (const one of processes) expect(await one.next('status')).toEqual({ status: 200 })
    expect(home.tabs()).toHaveLength(1)
    expect(auth.of('/auth/register')).toHaveLength(1)
    expect(auth.of('/auth/token')).toHaveLength(1)
  })

  it('all hear it when the person declines, without another tab', async () => {
    auth.behave.person = 'denies'
    const processes = await startReady(4)
    for (const one of processes) one.send('call')
    await Promise.all(processes.map((one) => one.next('signIn')))
    await fetch(await tab())
    for (const one of processes)
      expect(await one.next('failed')).toEqual({ failed: 'The sign-in was declined.' })
    expect(home.tabs()).toHaveLength(1)
  })

  it('go on with the same tab when the owner of the login is killed', async () => {
    const [owner, ...others] = await startReady(1)
    owner?.send('call')
    const page = await tab()
    await owner?.next('signIn')
    others.push(...(await startReady(3)))
    for (const one of others) one.send('call')
    for (const one of others) expect(await one.next('signIn')).toEqual({ signIn: page })
    owner?.child.kill('SIGKILL')
    await owner?.exited
    const callback = new URL(page).searchParams.get('redirect_uri') ?? ''
    const listens = () =>
      fetch(callback).then(
        () => true,
        () => false,
      )
    await until(listens, 'a successor')
    expect((await fetch(page)).status).toBe(200)
    for (const one of others) expect(await one.next('status')).toEqual({ status: 200 })
    expect(home.tabs()).toHaveLength(1)
    expect(auth.of('/auth/register')).toHaveLength(1)
  })

  it('go on with the same tab when the only process is killed before the next one starts', async () => {
    const [first] = await startReady(1)
    first?.send('call')
    const page = await tab()
    await first?.next('signIn')
    first?.child.kill('SIGKILL')
    await first?.exited
    const [second] = await startReady(1)
    second?.send('call')
    expect(await second?.next('signIn')).toEqual({ signIn: page })
    await fetch(page)
    expect(await second?.next('status')).toEqual({ status: 200 })
    expect(home.tabs()).toHaveLength(1)
  })

  it('renew once after a refusal', async () => {
    await signedIn()
    const processes = await startReady(5)
    for (const one of processes) one.send('token')
    for (const one of processes) await one.next('token')
    auth.expireAccess()
    for (const one of processes) one.send('call')
    for (const one of processes) expect(await one.next('status')).toEqual({ status: 200 })
    expect(refreshRequests()).toHaveLength(1)
    expect(home.tabs()).toHaveLength(1)
  })

  it('renew once when the clock asks for it', async () => {
    await signedIn()
    const processes = await startReady(5, { later: 590_000 })
    for (const one of processes) one.send('token')
    const tokens = await Promise.all(processes.map((one) => one.next('token')))
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(1)
    expect(auth.isGood(tokens[0].token)).toBe(true)
    expect(refreshRequests()).toHaveLength(1)
  })

  it('take over a renewal whose process was killed', async () => {
    await signedIn()
    auth.behave.tokenDelayMs = 400
    auth.expireAccess()
    const [victim, other] = await startReady(2)
    victim?.send('call')
    await until(() => refreshRequests().length > 0, 'a renewal')
    other?.send('call')
    victim?.child.kill('SIGKILL')
    expect(await other?.next('status')).toEqual({ status: 200 })
    expect(home.tabs()).toHaveLength(1)
  })
})

describe('a logout', () => {
  it('ends the login at the server and in every process, before its next call', async () => {
    await signedIn()
    const [one, other] = (await startReady(2)) as [LoginProcess, LoginProcess]
    one.send('token')
    const { token } = await one.next('token')
    other.send('logout')
    expect((await other.next('logout')).logout).toMatchObject({ loggedOut: true, revoked: true })
    one.send('token')
    expect(await one.next('token')).toEqual({ token: null })
    expect(auth.isGood(token)).toBe(false)
    expect(auth.of('/auth/revoke').map(({ form }) => form.get('token_type_hint'))).toEqual([
      'refresh_token',
      'access_token',
    ])
    const kept = readdirSync(home.directory).filter((name) => !/^store|\.client\.json$/.test(name))
    expect(kept).toEqual([])
  })
})

describe('a process that ends', () => {
  it('leaves no socket behind', async () => {
    await signedIn()
    expect(sockets()).toEqual([])
  })

  it('ends at once in the middle of a login, and lets go of its port', async () => {
    const [one] = await startReady(1)
    one?.send('call')
    const page = new URL(await tab())
    await one?.next('signIn')
    one?.send('close')
    expect(await one?.exited).toBe(0)
    await expect(fetch(page.searchParams.get('redirect_uri') ?? '')).rejects.toThrow()
    expect(sockets()).toEqual([])
  })

  it('ends while the authorization server keeps silent', async () => {
    const [one] = await startReady(1)
    auth.behave.tokenDelayMs = 60_000
    one?.send('call')
    const page = await tab()
    void fetch(page).catch(() => {})
    await until(() => auth.of('/auth/token').length > 0, 'a token request')
    one?.send('close')
    expect(await one?.exited).toBe(0)
    expect(sockets()).toEqual([])
  })
})
