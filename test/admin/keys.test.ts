import { expect, test } from 'vitest'
import { replaceKeys } from '../../src/admin/keys.js'
import { rotateSigningKey } from '../../src/auth/keys.js'
import { createAuth } from '../../src/auth/server.js'
import { ADMIN_CLIENT, mintToken } from '../../src/auth/token.js'
import { createLog } from '../../src/log.js'
import { openStore } from '../../src/store/open.js'
import { SCOPES } from '../../src/tools/scopes.js'
import { adminBench, scriptedIo } from '../helpers/admin.js'
import { createBrowser } from '../helpers/browser.js'
import { type Served, serveAll, twoPeople } from '../helpers/serve.js'

const MINUTE = 60_000

interface Listed {
  id: string
  state: string
  signsFrom: string
  signsUntil: string | null
}

test('rotate publishes a key that waits, and is not begun twice', async () => {
  const bench = await adminBench()
  const [first] = (await bench.json(['keys', 'list', '--json'])) as Listed[]
  expect(await bench.run(['keys', 'rotate'])).toMatch(
    /^Published the key [\w-]{43}; it signs from 2026-03-01 09:11 UTC on\.$/,
  )
  const keys = (await bench.json(['keys', 'list', '--json'])) as Listed[]
  expect(keys.map(({ state }) => state)).toEqual(['waiting', 'signing'])
  expect(keys[1]).toMatchObject({ id: first?.id, signsUntil: keys[0]?.signsFrom })
  expect(await bench.run(['keys', 'rotate'])).toMatch(/^Nothing changed: a rotation is under way: /)
  expect(await bench.store.keys.list()).toHaveLength(2)
})

test('rotate --now removes every key and signs with a new one at once', async () => {
  const bench = await adminBench()
  await bench.run(['keys', 'rotate'])
  const before = (await bench.store.keys.list()).map(({ id }) => id)
  expect(await bench.run(['keys', 'rotate', '--now', '--yes'])).toMatch(
    /^Removed 2 keys; [\w-]{43} signs from now on\.$/,
  )
  const after = (await bench.json(['keys', 'list', '--json'])) as Listed[]
  expect(after).toMatchObject([{ state: 'signing', signsUntil: null }])
  expect(before).not.toContain(after[0]?.id)
})

test('rotate --now asks first, and changes nothing without a yes', async () => {
  const bench = await adminBench()
  const before = await bench.store.keys.list()
  expect((await bench.refusal(['keys', 'rotate', '--now'])).code).toBe('USAGE')
  expect((await bench.refusal(['keys', 'rotate', '--now'], scriptedIo({ answers: ['n'] }))).code).toBe(
    'INTERRUPTED',
  )
  expect(await bench.store.keys.list()).toEqual(before)
})

test('rotate --now opens a store whose secret is lost', async () => {
  const store = await openStore(':memory:')
  const secretOf = (secret: string) =>
    createAuth({ store, backendUrl: 'http://localhost:3001', secret, log: createLog('silent') })
  await secretOf('a secret that will be lost, 32 characters')
  const another = 'another secret, also of 32 characters or more'
  await expect(secretOf(another)).rejects.toMatchObject({ code: 'CONFIGURATION' })
  const { io } = scriptedIo()
  const deps = { ...(await adminBench()).deps(io), store: async () => store, auth: () => secretOf(another) }
  await replaceKeys(deps, { yes: true })
  await expect(secretOf(another)).resolves.toBeDefined()
})

test('list never shows a private key', async () => {
  const bench = await adminBench()
  const [stored] = await bench.store.keys.list()
  const out = `${await bench.run(['keys', 'list'])}${await bench.run(['keys', 'list', '--json'])}`
  expect(out).toContain(stored?.id)
  expect(out).not.toContain(stored?.privateKey)
})

const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid

const publishedKids = async (base: string): Promise<string[]> =>
  JSON.parse((await createBrowser().send(`${base}/auth/jwks`)).body).keys.map(
    (key: { kid: string }) => key.kid,
  )

async function call(served: Served, token: string): Promise<number> {
  const answer = await createBrowser().send(`${served.base}/api/mcp`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
  })
  return answer.status
}

test('a rotation refuses no valid token, before, while and after the new key begins to sign', async () => {
  let shift = 0
  const now = () => new Date(Date.now() + shift)
  const served = await serveAll({ now })
  const { ada } = await twoPeople(served)
  await served.store.grants.ensure({ userId: ada, ...ADMIN_CLIENT, scopes: SCOPES, at: Date.now() })
  const mint = () => mintToken(served.auth, { userId: ada, scopes: SCOPES, ttlSeconds: 600 })
  const statuses: number[] = []
  /** Calls that overlap, each with a token of its own and with one from before. */
  const load = async (token: string) => {
    const calls = Array.from({ length: 20 }, async () => [
      await call(served, await mint()),
      await call(served, token),
    ])
    statuses.push(...(await Promise.all(calls)).flat())
  }

  const before = await mint()
  await load(before)
  const rotation = rotateSigningKey(served.auth)
  await load(before)
  const next = await rotation
  expect(await publishedKids(served.base)).toContain(next?.id)
  expect(kidOf(await mint())).toBe(kidOf(before))
  await load(before)
  shift = 9 * MINUTE
  const late = await mint()
  await load(before)
  shift = 11 * MINUTE + 1000
  expect(kidOf(await mint())).toBe(next?.id)
  await load(late)
  shift = 18 * MINUTE
  await load(late)
  expect(statuses.length).toBe(240)
  expect(new Set(statuses)).toEqual(new Set([200]))
  await served.close()
})
