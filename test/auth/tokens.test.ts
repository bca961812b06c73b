import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { CALLBACK, clickThrough, logIn, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

let served: Served
let clientId: string
let ids: Awaited<ReturnType<typeof twoPeople>>
beforeAll(async () => {
  served = await serveAll()
  ids = await twoPeople(served)
})
afterEach(() => vi.useRealTimers())
afterAll(() => served.close())

const login = async (email = 'ada@example.com') => {
  clientId = await register(served.base)
  return logIn({ base: served.base, clientId, email, password: PASSWORD })
}
const refresh = (token: string, more = {}) =>
  tokenRequest(served.base, {
    grant_type: 'refresh_token',
    refresh_token: token,
    client_id: clientId,
    ...more,
  })
const later = (seconds: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1000 })

async function codeFor(verifier: string) {
  clientId = await register(served.base)
  const back = await clickThrough(
    { base: served.base, clientId, email: 'ada@example.com', password: PASSWORD },
    verifier,
  )
  return {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    client_id: clientId,
    code_verifier: verifier,
  }
}

/** What the endpoint says to a token: 200, or the status of its challenge. */
async function callWith(token: string): Promise<number> {
  const answer = await createBrowser().send(`${served.base}/api/mcp`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    json: { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} },
  })
  return answer.status
}

test('a refresh token comes without being asked for, and is rotated', async () => {
  const first = await login()
  const { status, body } = await refresh(first.refresh_token)
  expect(status).toBe(200)
  expect(body.refresh_token).not.toBe(first.refresh_token)
  expect(decodeJwt(body.access_token).aud).toBe(`${served.base}/api/mcp`)
})

test('a rotated refresh token answers the same again within its 30 seconds', async () => {
  const first = await login()
  const once = await refresh(first.refresh_token)
  const twice = await refresh(first.refresh_token)
  expect(twice.status).toBe(200)
  expect(twice.body.refresh_token).toBe(once.body.refresh_token)
})

test('32 refreshes at once end in one new refresh token, and nobody is turned away', async () => {
  const first = await login()
  const answers = await Promise.all(Array.from({ length: 32 }, () => refresh(first.refresh_token)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
  expect((await refresh(answers[0]?.body.refresh_token ?? '')).status).toBe(200)
})

test('a refresh token used again later ends the whole family, its access tokens at once', async () => {
  const first = await login()
  const second = await refresh(first.refresh_token)
  later(31)
  expect(await callWith(second.body.access_token)).toBe(200)
  expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant')
  expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant')
  expect(await callWith(second.body.access_token)).toBe(401)
})

test('refuses a refresh token from another client', async () => {
  const first = await login()
  const other = await register(served.base)
  const { status, body } = await refresh(first.refresh_token, { client_id: other })
  expect([status, body.error]).toEqual([400, 'invalid_grant'])
})

test('refuses a refresh that asks for more than was granted', async () => {
  clientId = await register(served.base)
  const first = await logIn({
    base: served.base,
    clientId,
    email: 'ada@example.com',
    password: PASSWORD,
    keep: ['tasks:read'],
  })
  const { body } = await refresh(first.refresh_token, { scope: 'tasks:read tasks:write' })
  expect(body.error).toBe('invalid_scope')
})

test('32 redemptions of one code at once have one winner', async () => {
  const form = await codeFor(newVerifier())
  const answers = await Promise.all(Array.from({ length: 32 }, () => tokenRequest(served.base, form)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.error))).toEqual(
    new Set(['invalid_grant']),
  )
})

test('a code used twice ends the refresh token that it gave', async () => {
  const form = await codeFor(newVerifier())
  const first = await tokenRequest(served.base, form)
  expect((await tokenRequest(served.base, form)).body.error).toBe('invalid_grant')
  expect((await refresh(first.body.refresh_token)).body.error).toBe('invalid_grant')
})

test('refuses a code after its minute', async () => {
  const form = await codeFor(newVerifier())
  later(61)
  expect((await tokenRequest(served.base, form)).body.error).toBe('invalid_grant')
})

test.each([
  ['another verifier', { code_verifier: newVerifier() }, 'invalid_grant'],
  ['another redirect URI', { redirect_uri: 'http://127.0.0.1:7777/other' }, 'invalid_grant'],
  ['no verifier', { code_verifier: '' }, 'invalid_request'],
])('refuses a code with %s', async (_name, change, error) => {
  const form = await codeFor(newVerifier())
  const { status, body } = await tokenRequest(served.base, { ...form, ...change })
  expect([status, body.error]).toEqual([400, error])
})

test('refuses a code from another client', async () => {
  const form = await codeFor(newVerifier())
  const other = await register(served.base)
  expect((await tokenRequest(served.base, { ...form, client_id: other })).body.error).toBe('invalid_grant')
})

test('a revoked refresh token is dead, and an unknown one is as good as revoked', async () => {
  const first = await login()
  const revoke = (token: string) =>
    createBrowser().send(`${served.base}/auth/oauth2/revoke`, {
      form: { token, client_id: clientId },
      headers: { accept: 'application/json' },
    })
  expect((await revoke(first.refresh_token)).status).toBe(200)
  expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant')
  expect((await revoke('never-seen')).status).toBe(200)
})

test('a revoked grant ends the access token at the next call, and the refresh token', async () => {
  const first = await login()
  expect(await callWith(first.access_token)).toBe(200)
  expect(await served.store.grants.revoke(ids.ada, clientId)).toBe(true)
  expect(await callWith(first.access_token)).toBe(401)
  expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant')
})

test('a disabled person is refused at the next call, and cannot refresh', async () => {
  const first = await login('bob@example.com')
  await served.store.people.setDisabled(ids.bob, Date.now())
  expect(await callWith(first.access_token)).toBe(401)
  expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant')
  await served.store.people.setDisabled(ids.bob, null)
})

test('a confidential client must show its secret', async () => {
  const answer = await createBrowser().send(`${served.base}/auth/oauth2/register`, {
    json: { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_post' },
  })
  const client = JSON.parse(answer.body)
  expect(client.client_secret).toMatch(/^[\w-]{43}$/)
  const verifier = newVerifier()
  const who = { base: served.base, clientId: client.client_id, email: 'ada@example.com', password: PASSWORD }
  const form = async () => ({
    grant_type: 'authorization_code',
    code: (await clickThrough(who, verifier)).searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    client_id: client.client_id,
    code_verifier: verifier,
  })
  expect((await tokenRequest(served.base, await form())).status).not.toBe(200)
  expect(
    (await tokenRequest(served.base, { ...(await form()), client_secret: client.client_secret })).status,
  ).toBe(200)
})
