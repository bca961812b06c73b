/**
 * T24 (replay and race of a code), T26 (resource bound to the grant), T27 (refresh: reuse, race, other client,
 * revocation) of the threat table, and T11: what was revoked is refused at once. Two processes, one store.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { CALLBACK, clickThrough, newVerifier, register, tokenRequest } from '../helpers/oauth.js'
import { ADA } from '../helpers/serving.js'
import { raceForConsent } from './once-attack.js'
import { raceForCode, raceForRefresh, raceRefreshWithRevocation } from './race-attack.js'
import { AT_ONCE, callWith, type Ground, startGround } from './race-ground.js'

let ground: Ground
let base: string
let clientId: string
const browser = createBrowser()
beforeAll(async () => {
  ground = await startGround()
  base = ground.serving.base
  clientId = await register(base)
})
afterAll(() => ground.serving.stop())

async function code(client = clientId) {
  const verifier = newVerifier()
  const back = await clickThrough({ base, clientId: client, ...ADA, browser }, verifier)
  return {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK,
    client_id: client,
    code_verifier: verifier,
  }
}
const redeem = (form: Record<string, string>) => tokenRequest(base, form)
const refresh = (refresh_token: string, more: Record<string, string> = {}) =>
  tokenRequest(base, { grant_type: 'refresh_token', refresh_token, client_id: clientId, ...more })
const revoke = (token: string, client = clientId) =>
  createBrowser().send(`${base}/auth/oauth2/revoke`, { form: { token, client_id: client } })
const call = (token: string) => callWith(ground.serving, token)
const elsewhere = { resource: 'https://elsewhere.example/mcp' }

describe('a hundred at once', () => {
  test('one consent gives one code', async () => {
    expect(await raceForConsent({ rounds: 1, ground })).toEqual({ rounds: 1, codes: 1, otherAnswers: 0 })
  })

  test('one code has one winner', async () => {
    expect(await raceForCode({ rounds: 1, ground })).toEqual({
      rounds: 1,
      requests: AT_ONCE,
      winners: 1,
      otherAnswers: 0,
    })
  })

  test('one refresh token has one child, which lives, and nobody is turned away', async () => {
    expect(await raceForRefresh({ rounds: 1, ground })).toEqual({
      rounds: 1,
      requests: AT_ONCE,
      children: 1,
      alive: 1,
      turnedAway: 0,
      otherAnswers: 0,
    })
  })

  test('a login that is revoked while it is refreshed is over', async () => {
    expect(await raceRefreshWithRevocation({ rounds: 1, ground })).toEqual({
      rounds: 1,
      requests: AT_ONCE,
      revoked: 1,
      survivors: 0,
      otherAnswers: 0,
    })
  })
})

describe('a code', () => {
  test('that comes again ends the tokens that it gave, the access token at once', async () => {
    const form = await code()
    const { body } = await redeem(form)
    expect(await call(body.access_token)).toBe(200)
    expect((await redeem(form)).body.error).toBe('invalid_grant')
    expect(await call(body.access_token)).toBe(401)
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant')
  })

  test('that comes again after a refresh ends the refreshed tokens as well', async () => {
    const form = await code()
    const { body } = await refresh((await redeem(form)).body.refresh_token)
    expect((await redeem(form)).body.error).toBe('invalid_grant')
    expect(await call(body.access_token)).toBe(401)
    expect((await refresh(body.refresh_token)).body.error).toBe('invalid_grant')
  })

  test.each([
    ['another client', async () => ({ client_id: await register(base) }), 'invalid_grant'],
    ['another verifier', async () => ({ code_verifier: newVerifier() }), 'invalid_grant'],
    ['another redirect URI', async () => ({ redirect_uri: `${CALLBACK}/other` }), 'invalid_grant'],
    ['no redirect URI', async () => ({ redirect_uri: '' }), 'invalid_grant'],
    ['another resource', async () => elsewhere, 'invalid_target'],
  ])('is refused with %s, and not used up by that', async (_name, change, error) => {
    const form = await code()
    expect((await redeem({ ...form, ...(await change()) })).body.error).toBe(error)
    expect((await redeem(form)).status).toBe(200)
  })
})

describe('a refresh token', () => {
  test('is refused for another resource, and not used up by that', async () => {
    const { body } = await redeem(await code())
    expect((await refresh(body.refresh_token, elsewhere)).body.error).toBe('invalid_target')
    expect((await refresh(body.refresh_token)).status).toBe(200)
  })

  test('is refused to another client, and not used up by that', async () => {
    const { body } = await redeem(await code())
    const other = await register(base)
    expect((await refresh(body.refresh_token, { client_id: other })).body.error).toBe('invalid_grant')
    expect((await refresh(body.refresh_token)).status).toBe(200)
  })

  test('that is revoked ends its access token at once', async () => {
    const client = await register(base)
    const { body } = await redeem(await code(client))
    expect((await revoke(body.refresh_token, client)).status).toBe(200)
    expect(await call(body.access_token)).toBe(401)
  })

  test('cannot be revoked by another client', async () => {
    const { body } = await redeem(await code())
    await revoke(body.refresh_token, await register(base))
    expect(await call(body.access_token)).toBe(200)
    expect((await refresh(body.refresh_token)).status).toBe(200)
  })

  test('that is revoked leaves the same client logged in on another computer', async () => {
    const client = await register(base)
    const [here, there] = [await redeem(await code(client)), await redeem(await code(client))]
    await revoke(here.body.refresh_token, client)
    expect(await call(there.body.access_token)).toBe(200)
    expect((await refresh(there.body.refresh_token, { client_id: client })).status).toBe(200)
    expect((await refresh(here.body.refresh_token, { client_id: client })).status).toBe(400)
  })
})
