import { createLocalJWKSet, jwtVerify } from 'jose'
import { beforeEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench, NOW, scriptedIo } from '../helpers/admin.js'

let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench()
  await bench.store.people.add({ email: 'ada@example.com', name: 'Ada', at: NOW.getTime() })
})

const token = (...args: string[]) => bench.run(['token', '--as', 'ada@example.com', ...args])

async function claimsOf(jwt: string) {
  const keys = (await bench.store.keys.list()).map(({ id, publicKey }) => ({
    ...JSON.parse(publicKey),
    kid: id,
  }))
  return await jwtVerify(jwt, createLocalJWKSet({ keys }), { currentDate: NOW })
}

describe('token', () => {
  test('prints one signed token for the resource, and nothing else', async () => {
    const terminal = scriptedIo()
    const jwt = await bench.run(['token', '--as', 'ada@example.com'], terminal)
    expect(jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(terminal.err).toEqual([])
    const { payload, protectedHeader } = await claimsOf(jwt)
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' })
    expect(payload).toMatchObject({
      iss: 'http://localhost:3001/auth',
      aud: 'http://localhost:3001/api/mcp',
      sub: '1',
      client_id: 'zuko-mcp-admin',
      scope: 'organizations:read tasks:read tasks:write',
      exp: NOW.getTime() / 1000 + 600,
    })
  })

  test('holds the scopes and the time that were asked for', async () => {
    const { payload } = await claimsOf(
      await token('--scope', 'tasks:read  organizations:read', '--ttl', '90s'),
    )
    expect(payload).toMatchObject({
      scope: 'tasks:read organizations:read',
      exp: NOW.getTime() / 1000 + 90,
    })
  })

  test('rests on a grant that ends it when it is revoked', async () => {
    await token()
    await token('--scope', 'tasks:read')
    expect(await bench.store.principals.byId(1, 'zuko-mcp-admin')).toMatchObject({ grantedAt: NOW.getTime() })
    expect(await bench.store.grants.revoke(1, 'zuko-mcp-admin')).toBe(true)
    expect((await bench.store.principals.byId(1, 'zuko-mcp-admin'))?.grantedAt).toBeUndefined()
  })

  test.each(['15m', '900', '1s'])('takes a --ttl of %s', async (ttl) => {
    expect(await token('--ttl', ttl)).not.toBe('')
  })

  test.each(['16m', '901', '0', '-1', '1h', '', '1e2'])('refuses a --ttl of %j', async (ttl) => {
    const error = await bench.refusal(['token', '--as', 'ada@example.com', `--ttl=${ttl}`])
    expect(error.code).toBe('USAGE')
    expect(error.message).toContain('from 1s to 15m')
  })

  test('refuses an unknown scope and names the known ones', async () => {
    const error = await bench.refusal([
      'token',
      '--as',
      'ada@example.com',
      '--scope',
      'tasks:read tasks:delete',
    ])
    expect(error.code).toBe('USAGE')
    expect(error.message).toContain(
      'Unknown: tasks:delete. Known scopes: organizations:read, tasks:read, tasks:write.',
    )
  })

  test('refuses an empty scope', async () => {
    expect((await bench.refusal(['token', '--as', 'ada@example.com', '--scope', ' '])).code).toBe('USAGE')
  })

  test('refuses to stand for nobody', async () => {
    expect((await bench.refusal(['token'])).message).toContain("'--as <email>' not specified")
  })

  test('refuses an unknown account', async () => {
    expect((await bench.refusal(['token', '--as', 'ada@example.org'])).fix).toContain('"ada@example.com"')
  })

  test('refuses a disabled account', async () => {
    await bench.run(['users', 'disable', 'ada@example.com'])
    expect(await bench.refusal(['token', '--as', 'ada@example.com'])).toMatchObject({
      code: 'FAILED',
      message: 'The account ada@example.com is disabled.',
    })
  })
})
