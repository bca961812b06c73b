import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Callback,
  type Expected,
  genuineReply,
  openCallback,
  type Reply,
} from '../../src/proxy/callback.js'
import { type Answer, send } from '../helpers/http.js'

const ISSUER = 'https://as.example/auth'
const expected: Expected = { state: 'the-state', issuer: ISSUER, issuerRequired: true }
const GOOD = { state: 'the-state', iss: ISSUER, code: 'the-code' }

describe('an answer to an authorization request', () => {
  const judge = (given: Record<string, string> | string, more: Partial<Expected> = {}): Reply | undefined =>
    genuineReply(new URLSearchParams(given), { ...expected, ...more })

  it('with our state, the issuer and a code is genuine', () => {
    expect(judge(GOOD)).toMatchObject({ code: 'the-code' })
  })

  it('with our state, the issuer and an error is genuine', () => {
    expect(judge({ state: 'the-state', iss: ISSUER, error: 'access_denied' })).toEqual({
      error: 'access_denied',
    })
  })

  it.each([
    ['no state', { iss: ISSUER, code: 'c' }],
    ['an empty state', { ...GOOD, state: '' }],
    ['another state', { ...GOOD, state: 'other-state' }],
    ['a state that only begins the same', { ...GOOD, state: 'the-state2' }],
    ['two states', `state=the-state&state=x&iss=${ISSUER}&code=c`],
    ['another issuer', { ...GOOD, iss: 'https://evil.example' }],
    ['an issuer with a slash more', { ...GOOD, iss: `${ISSUER}/` }],
    ['an issuer in other letters', { ...GOOD, iss: 'https://AS.example/auth' }],
    ['two issuers', `state=the-state&iss=${ISSUER}&iss=${ISSUER}&code=c`],
    ['no issuer where the server always names itself', { state: 'the-state', code: 'c' }],
    ['neither code nor error', { state: 'the-state', iss: ISSUER }],
    ['code and error', { ...GOOD, error: 'access_denied' }],
    ['two codes', `state=the-state&iss=${ISSUER}&code=c&code=d`],
    [
      'an error of another issuer',
      { state: 'the-state', iss: 'https://evil.example', error: 'access_denied' },
    ],
  ])('with %s is not', (_name, given) => {
    expect(judge(given)).toBeUndefined()
  })

  it('without issuer is genuine where the server does not name itself', () => {
    expect(judge({ state: 'the-state', code: 'c' }, { issuerRequired: false })).toMatchObject({ code: 'c' })
  })

  it('with another issuer is not, whether or not the server names itself', () => {
    expect(judge({ ...GOOD, iss: 'https://evil.example' }, { issuerRequired: false })).toBeUndefined()
  })

  it('keeps an error that is no OAuth word out of sight', () => {
    expect(judge({ state: 'the-state', iss: ISSUER, error: '<script>' })).toEqual({ error: 'an error' })
  })
})

describe('the callback', () => {
  let callback: Callback
  let port: number
  let replies: Reply[]
  let works: boolean

  beforeEach(async () => {
    callback = await openCallback(0, false)
    port = Number(new URL(callback.redirectUri).port)
    replies = []
    works = true
    callback.expect(expected, async (reply) => {
      replies.push(reply)
      return works
    })
  })
  afterEach(() => callback.close())

  const visit = (
    given: Record<string, string>,
    more: { method?: string; host?: string; path?: string } = {},
  ): Promise<Answer> =>
    send(port, {
      method: more.method ?? 'GET',
      path: `${more.path ?? '/callback'}?${new URLSearchParams(given)}`,
      headers: { host: more.host ?? `127.0.0.1:${port}` },
    })

  it('listens on 127.0.0.1 only', () => {
    expect(callback.redirectUri).toBe(`http://127.0.0.1:${port}/callback`)
  })

  it('hands over the first genuine answer, and shows a page that says so', async () => {
    const answer = await visit(GOOD)
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('You are signed in')
    expect(replies).toHaveLength(1)
  })

  it.each([
    ['another state', { ...GOOD, state: 'forged' }, {}],
    ['no state', { code: 'c', iss: ISSUER }, {}],
    ['another issuer', { ...GOOD, iss: 'https://evil.example' }, {}],
    ['an error without our state', { error: 'access_denied' }, {}],
    ['a POST', GOOD, { method: 'POST' }],
    ['a HEAD', GOOD, { method: 'HEAD' }],
    ['another Host', GOOD, { host: 'evil.example' }],
    ['our Host by another name', GOOD, { host: 'localhost' }],
    ['another path', GOOD, { path: '/other' }],
    ['a path below', GOOD, { path: '/callback/x' }],
  ])('ignores %s: nothing is finished and nothing ended', async (_name, given, more) => {
    const answer = await visit(given, more)
    expect([400, 404]).toContain(answer.status)
    expect(replies).toHaveLength(0)
    expect((await visit(GOOD)).status).toBe(200)
    expect(replies).toHaveLength(1)
  })

  it('ignores a thousand guesses', async () => {
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => visit({ ...GOOD, state: `guess-${round}-${n}` })),
      )
    }
    expect(replies).toHaveLength(0)
    await visit(GOOD)
    expect(replies).toHaveLength(1)
  })

  it('takes an answer once', async () => {
    await visit(GOOD)
    expect((await visit(GOOD)).status).toBe(400)
    expect(replies).toHaveLength(1)
  })

  it('says when the sign-in came to nothing', async () => {
    works = false
    expect((await visit(GOOD)).text).toContain('You are not signed in')
  })

  it('repeats nothing of the request', async () => {
    const marks = {
      state: '<i>state</i>',
      error: 'reflected',
      error_description: '"><script>alert(1)</script>',
    }
    const { text } = await visit(marks)
    for (const mark of ['state</i>', 'reflected', 'script', 'alert']) expect(text).not.toContain(mark)
  })

  it('forbids everything but its own style', async () => {
    const { headers, text } = await visit(GOOD)
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    )
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(text).not.toMatch(/<script|javascript:|\son\w+=/i)
  })

  it('takes another port when the wished one is taken', async () => {
    const other = await openCallback(port, false)
    expect(other.redirectUri).not.toBe(callback.redirectUri)
    other.close()
  })

  it('says which port is taken when it has to be that one', async () => {
    await expect(openCallback(port, true)).rejects.toThrow(`Port ${port} for the sign-in is taken.`)
  })

  it('lets go of its port at once', async () => {
    callback.close()
    const server = createServer().listen(port, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    expect((server.address() as AddressInfo).port).toBe(port)
    server.close()
  })
})
