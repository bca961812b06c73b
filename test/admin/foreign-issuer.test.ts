import { beforeEach, describe, expect, test } from 'vitest'
import { type AdminBench, adminBench, scriptedIo } from '../helpers/admin.js'

const ISSUER = 'https://id.example/realms/acme'
let bench: AdminBench
beforeEach(async () => {
  bench = await adminBench({ OAUTH_ISSUER: ISSUER })
})

describe('where another product signs people in', () => {
  test.each([
    ['Access tokens', ['token', '--as', 'ada@example.com']],
    ['Clients', ['clients', 'list']],
    ['Clients', ['clients', 'revoke', 'x', '--yes']],
    ['Grants', ['grants', 'list']],
    ['Grants', ['grants', 'revoke', 'ada@example.com', 'x']],
    ['Signing keys', ['keys', 'list']],
    ['Signing keys', ['keys', 'rotate']],
    ['Passwords', ['users', 'set-password', 'ada@example.com']],
    ['Passwords', ['users', 'add', 'ada@example.com', '--password-stdin']],
  ])('%s are its business: %j', async (what, args) => {
    expect(await bench.refusal(args, scriptedIo({ stdin: 'a long walk on the beach' }))).toMatchObject({
      code: 'FAILED',
      message: `${what} are the business of ${ISSUER}, which OAUTH_ISSUER names.`,
      fix: 'look after them there, or unset OAUTH_ISSUER',
    })
    expect(await bench.store.people.list()).toEqual([])
  })

  test('users add asks for no password and says what comes next', async () => {
    const terminal = scriptedIo({ isTTY: true })
    expect(await bench.run(['users', 'add', 'ada@example.com'], terminal)).toBe(
      'Added ada@example.com (id 1). Say who that is there: zuko-mcp admin users link ada@example.com SUBJECT',
    )
    expect(terminal.err).toEqual([])
  })

  test('users link ties a subject of that server', async () => {
    await bench.run(['users', 'add', 'ada@example.com'])
    const out = await bench.run(['users', 'link', 'ada@example.com', 'f3a9'])
    expect(out).toBe(`Linked: subject "f3a9" of ${ISSUER} is ada@example.com.`)
    expect(await bench.store.principals.bySubject(ISSUER, 'f3a9')).toMatchObject({ userId: 1 })
  })
})
