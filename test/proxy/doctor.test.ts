import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import { expect, it } from 'vitest'
import { type Check, doctorCommand } from '../../src/proxy/commands/doctor.js'
import { loginCommand } from '../../src/proxy/commands/login.js'
import type { ProxyOptions } from '../../src/proxy/types.js'
import { fakeAuth } from '../helpers/fake-auth.js'
import { rig } from '../helpers/proxy-session.js'

const at = rig()

const NAMES = [
  'name',
  'connection',
  'endpoint',
  'metadata',
  'issuer',
  'registration',
  'keys',
  'clock',
  'token',
  'tools',
]

async function examine(more: Partial<ProxyOptions> = {}): Promise<Check[]> {
  const { data } = await doctorCommand({ ...at.person.options, ...more })
  expect(data.map(({ name }) => name)).toEqual(NAMES)
  return data
}

/** The broken link; all before it are sound, and none after it is reached. */
async function broken(more: Partial<ProxyOptions> = {}): Promise<Check> {
  const checks = await examine(more)
  const first = checks.findIndex(({ state }) => state === 'broken')
  expect(checks.slice(0, first).every(({ state }) => state === 'ok')).toBe(true)
  expect(checks.slice(first + 1).every(({ state }) => state === 'not reached')).toBe(true)
  const check = checks[first]
  if (!check) throw new Error('Nothing is broken.')
  expect(check.fix).toBeTruthy()
  return check
}

it('walks the whole chain of a login that works', async () => {
  await loginCommand(at.person.options)
  const checks = await examine()
  expect(checks.every(({ state }) => state === 'ok')).toBe(true)
  expect(checks.at(-1)?.detail).toBe('2 listed')
  expect(checks.at(-2)?.detail).toBe('signed in as person-1')
})

it('is content with a server that needs no login', async () => {
  at.auth.behave.resource = null
  at.auth.behave.answers.set('/api/mcp', {
    status: 200,
    body: '{"jsonrpc":"2.0","id":1,"result":{"tools":[{}]}}',
  })
  const checks = await examine()
  expect(checks.every(({ state }) => state === 'ok')).toBe(true)
})

it('finds a name that nobody knows', async () => {
  expect(await broken({ url: new URL('https://nowhere.invalid/api/mcp') })).toMatchObject({
    name: 'name',
    detail: 'The name nowhere.invalid is not known.',
  })
})

it('finds a server that does not answer', async () => {
  const gone = await fakeAuth()
  await gone.close()
  expect(await broken({ url: gone.url })).toMatchObject({
    name: 'connection',
    detail: `${gone.url.host} does not answer (ECONNREFUSED).`,
  })
})

it('finds a certificate that is not trusted', async () => {
  const pems = await generate([{ name: 'commonName', value: 'localhost' }])
  const server = createServer({ key: pems.private, cert: pems.cert }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/api/mcp`)
  expect(await broken({ url })).toMatchObject({
    name: 'connection',
    detail: expect.stringContaining('shows a certificate that is not trusted'),
    fix: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
  })
  server.close()
})

it('finds a wrong path', async () => {
  expect(await broken({ url: new URL('/wrong', at.auth.origin) })).toMatchObject({
    name: 'endpoint',
    detail: 'The endpoint answers 404, where 401 would be right.',
  })
})

it('finds metadata about another resource', async () => {
  at.auth.behave.resource = 'https://evil.example/'
  expect(await broken()).toMatchObject({ name: 'metadata' })
})

it('finds an issuer that names another', async () => {
  at.auth.behave.issuer = 'https://evil.example'
  expect(await broken()).toMatchObject({ name: 'issuer' })
})

it('finds an issuer without PKCE', async () => {
  at.auth.behave.metadata = { code_challenge_methods_supported: undefined }
  expect(await broken()).toMatchObject({ name: 'issuer', detail: expect.stringContaining('S256') })
})

it('finds that nobody can register', async () => {
  at.auth.behave.metadata = { registration_endpoint: undefined }
  expect(await broken()).toMatchObject({ name: 'registration', fix: 'pass --client-id' })
})

it('finds missing keys', async () => {
  at.auth.behave.answers.set('/auth/jwks', { status: 404 })
  expect(await broken()).toMatchObject({
    name: 'keys',
    detail: `${at.auth.issuer}/jwks answers 404 without keys.`,
  })
})

it('finds a clock that is off', async () => {
  await loginCommand(at.person.options)
  expect(await broken({ now: () => Date.now() + 600_000 })).toMatchObject({
    name: 'clock',
    detail: expect.stringMatching(/^This clock is (599|600|601) seconds ahead of the server's\.$/),
    fix: 'set the clock',
  })
})

it('finds that nobody is signed in', async () => {
  expect(await broken()).toMatchObject({ name: 'token', fix: `zuko-mcp proxy login ${at.auth.url.href}` })
})

it('finds a token that is refused', async () => {
  await loginCommand(at.person.options)
  at.auth.expireAccess()
  expect(await broken()).toMatchObject({ name: 'tools', detail: 'The server refuses the token.' })
})

it('uses a given token', async () => {
  expect(await broken({ token: 'given' })).toMatchObject({
    name: 'tools',
    detail: 'The server refuses the token.',
  })
})

it('opens no browser', async () => {
  await examine()
  expect(at.person.tabs).toHaveLength(0)
})
