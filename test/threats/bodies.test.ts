import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TOOLS } from '../../src/tools/index.js'
import { addPersonIn, startTarget, type Target } from '../helpers/target.js'

let target: Target
let token: string
beforeAll(async () => {
  target = await startTarget()
  const { userId } = await addPersonIn(target, 'Acme')
  token = await target.tokenFor(userId)
})
afterAll(() => target.close())

const KIB = 1024
const post = (body: string | Buffer, headers: Record<string, string> = {}) => {
  const own = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return target.ask({ headers: { ...own, ...headers }, body })
}
const call = (name: string, args: string) =>
  post(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`)

describe('the endpoint refuses', () => {
  const bomb = gzipSync(Buffer.alloc(50 * KIB * KIB))

  test.each(['gzip', 'deflate', 'br', 'GZIP', 'identity, gzip', 'gzip, identity'])('%s', async (encoding) => {
    expect((await post(bomb, { 'content-encoding': encoding })).status).toBe(415)
  })

  test('a compressed body that does not say so', async () => {
    expect((await post(bomb)).json().error.code).toBe(-32700)
  })

  test('8 MiB in chunks', async () => {
    const answer = await post(Buffer.alloc(8 * KIB * KIB, 'x'), { 'transfer-encoding': 'chunked' })
    expect(answer.status).toBe(413)
  })

  test.each([
    ['a byte order mark', '\ufeff{}'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['two messages', '{"jsonrpc":"2.0","id":1,"method":"ping"}{}'],
    ['a comment', '{"jsonrpc":"2.0",/**/"id":1}'],
    ['NaN', '{"jsonrpc":"2.0","id":NaN}'],
    ['an open text', '{"jsonrpc":"2.0","id":"'],
    ['one brace of 250,000', '{'.repeat(250_000)],
    ['objects in objects', `${'{"a":'.repeat(40_000)}1`],
  ])('%s', async (_name, body) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect([-32700, -32600]).toContain(answer.json().error.code)
    expect(answer.text.length).toBeLessThan(300)
  })
})

describe('an answer is short, however long what was wrong', () => {
  test('40,000 unknown arguments are counted, not listed', async () => {
    const args = Object.fromEntries(Array.from({ length: 18_000 }, (_, index) => [`k${index}`, 1]))
    for (const { name } of TOOLS) {
      const answer = await call(name, JSON.stringify(args))
      expect(answer.json().result.content[0].text).toContain('17980 more are unknown')
      expect(answer.text.length).toBeLessThan(8 * KIB)
    }
  })

  const texts = TOOLS.flatMap(({ name, input }) =>
    Object.keys(input.shape).map((field) => [name, field] as const),
  )
  test.each(texts)('%s: a %s of 200 KiB', async (name, field) => {
    const required = { taskId: 1, title: 'T', [field]: 'x'.repeat(200 * KIB) }
    const known = TOOLS.find((tool) => tool.name === name)?.input.shape ?? {}
    const args = Object.fromEntries(Object.entries(required).filter(([key]) => key in known))
    const answer = await call(name, JSON.stringify(args))
    expect(answer.json().result).toMatchObject({ isError: true })
    expect(answer.text.length).toBeLessThan(2 * KIB)
  })

  test('a tool, a method and an argument of 200 KiB', async () => {
    const long = 'x'.repeat(200 * KIB)
    expect((await call(long, '{}')).text.length).toBeLessThan(KIB)
    expect((await post(`{"jsonrpc":"2.0","id":1,"method":"${long}"}`)).text.length).toBeLessThan(KIB)
    expect((await call('get_task', `{"${long}":1}`)).text.length).toBeLessThan(KIB)
  })
})

describe('the authorization server refuses', () => {
  const json = { 'content-type': 'application/json' }
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const register = (body: string | Buffer, headers: Record<string, string> = json) =>
    target.ask({ path: '/auth/oauth2/register', headers, body })
  const forms = [
    '/auth/oauth2/token',
    '/auth/oauth2/revoke',
    '/auth/sign-in',
    '/auth/consent',
    '/auth/sign-out',
  ]

  test.each([
    ['17 KiB', `{"client_name":"${'x'.repeat(17 * KIB)}"}`, 413],
    ['7,000 levels', `{"a":${'['.repeat(7000)}${']'.repeat(7000)}}`, 400],
    ['a thousand redirects', JSON.stringify({ redirect_uris: Array(1000).fill('http://127.0.0.1/a') }), 413],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    ['no JSON', '{"redirect_uris":', 400],
    ['an empty body', '', 400],
    ['__proto__', '{"__proto__":{"redirect_uris":["http://127.0.0.1/a"]}}', 400],
  ])('a registration of %s', async (_name, body, status) => {
    const answer = await register(body)
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ error: expect.any(String) })
  })

  test('a registration that is 50 MiB once unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * KIB * KIB, ' '))
    const answer = await register(bomb, { ...json, 'content-encoding': 'gzip' })
    expect([413, 415]).toContain(answer.status)
  })

  test.each(forms)('a form of 17 KiB at %s', async (path) => {
    const answer = await target.ask({ path, headers: form, body: `a=${'x'.repeat(17 * KIB)}` })
    expect(answer.status).toBe(413)
  })

  test.each(forms)('a form of 3,000 fields, and one that is none, at %s', async (path) => {
    for (const body of [Array(3000).fill('a=b').join('&'), '%', '%zz=%00', '\0', '&&&==&']) {
      const answer = await target.ask({ path, headers: form, body })
      expect(answer.status).toBeGreaterThanOrEqual(300)
      expect(answer.status).toBeLessThan(500)
    }
  })
})
