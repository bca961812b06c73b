/**
 * T10 and T50 (secrets in logs), T38 (signing keys at rest) and T39 (who came in is written down, once) of the
 * threat table: one walk through the built program at the most talkative level, right and wrong, with canaries.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { symmetricDecrypt } from 'better-auth/crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser, inputValue } from '../helpers/browser.js'
import {
  authorizeUrl,
  CALLBACK,
  clickThrough,
  newVerifier,
  register,
  tokenRequest,
} from '../helpers/oauth.js'
import { program } from '../helpers/program.js'
import { PASSWORD, SECRET } from '../helpers/serve.js'
import { ADA, type Serving, startServing } from '../helpers/serving.js'

let serving: Serving
let logged: string
/** Everything of the store's folder, as it lies on the disk, with a backup of the store. */
let atRest: string
let privateKey: string
const secrets: Record<string, string> = {}
const TYPED = 'canary-typed-password'
const FORGED = 'canary.forged.token'
const VERIFIER = `canary-verifier-${'v'.repeat(40)}`
const STATE = 'canary-state'
const MAIL = 'canary-mail@example.com'
const INJECTED = '\r\n{"level":"fatal","msg":"injected"}\u001b[31m'

async function walk(): Promise<void> {
  const { base } = serving
  const browser = createBrowser()
  const confidential = await createBrowser().send(`${base}/auth/oauth2/register`, {
    json: { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'client_secret_basic' },
  })
  const client = JSON.parse(confidential.body)
  secrets['a client secret'] = client.client_secret
  const clientId = await register(base)
  const page = await browser.open(authorizeUrl({ base, clientId, extra: { state: STATE } }, VERIFIER))
  const query = inputValue(page.body, 'query')
  secrets['a signature of a query'] = new URLSearchParams(query).get('sig') ?? ''
  await browser.send(`${base}/auth/sign-in`, { form: { query, email: MAIL, password: TYPED } })
  await browser.send(`${base}/auth/sign-in`, { form: { query, email: INJECTED, password: INJECTED } })
  const back = await clickThrough({ base, clientId, ...ADA, browser, extra: { state: STATE } }, VERIFIER)
  secrets['a code'] = back.searchParams.get('code') ?? ''
  const cookie = decodeURIComponent(browser.jar.get('zuko.session_token') ?? '')
  secrets['a session cookie'] = cookie
  secrets['a device cookie'] = browser.jar.get('zuko.device') ?? ''
  const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK, client_id: clientId }
  await tokenRequest(base, { ...form, code: secrets['a code'], code_verifier: newVerifier() })
  const { body } = await tokenRequest(base, { ...form, code: secrets['a code'], code_verifier: VERIFIER })
  secrets['an access token'] = body.access_token
  secrets['a refresh token'] = body.refresh_token
  const grant = { grant_type: 'refresh_token', client_id: clientId }
  const renewed = await tokenRequest(base, { ...grant, refresh_token: body.refresh_token })
  secrets['a renewed refresh token'] = renewed.body.refresh_token
  await tokenRequest(base, { ...grant, refresh_token: FORGED })
  await tokenRequest(base, { ...grant, client_id: INJECTED.replace(/\p{Cc}/gu, ''), refresh_token: 'x' })
  await call(body.access_token)
  await call(FORGED)
  await createBrowser().send(`${base}/auth/oauth2/token`, {
    form: { ...grant, refresh_token: FORGED },
    headers: {
      authorization: `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64')}`,
    },
  })
  await createBrowser().send(`${base}/auth/oauth2/revoke`, {
    form: { token: renewed.body.refresh_token, client_id: clientId },
  })
  await browser.send(`${base}/auth/sign-out`, { form: { query } })
}

const call = (token: string) =>
  createBrowser().send(`${serving.base}/api/mcp?access_token=${FORGED}`, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      'mcp-name': INJECTED.replace(/\p{Cc}/gu, ''),
    },
    json: {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'create_task', arguments: { title: `canary-title ${INJECTED}`, organizationId: 999 } },
    },
  })

beforeAll(async () => {
  serving = await startServing({ env: { LOG_LEVEL: 'trace' } })
  await walk()
  const admin = program(serving.home, serving.env)
  await admin.succeed(['admin', 'backup', join(serving.home, 'backup.db')])
  const store = await serving.store()
  const [key] = await store.keys.list()
  await store.close()
  const decrypted = await symmetricDecrypt({ key: SECRET, data: JSON.parse(key?.privateKey ?? '""') })
  privateKey = JSON.parse(decrypted).d
  logged = serving.logged()
  atRest = readdirSync(serving.home)
    .map((name) => readFileSync(join(serving.home, name), 'latin1'))
    .join('\n')
})
afterAll(() => serving.stop())

describe('the log', () => {
  test.each([
    'a client secret',
    'a signature of a query',
    'a code',
    'a session cookie',
    'a device cookie',
    'an access token',
    'a refresh token',
    'a renewed refresh token',
  ])('has no %s', (name) => {
    const secret = secrets[name] ?? ''
    expect(secret.length).toBeGreaterThan(16)
    expect(logged).not.toContain(secret)
    expect(logged).not.toContain(encodeURIComponent(secret))
  })

  test.each([
    ['password', PASSWORD],
    ['mistyped password', TYPED],
    ['forged token', FORGED],
    ['verifier', VERIFIER],
    ['state', STATE],
    ['address that was typed', MAIL],
    ['address of a person', ADA.email],
    ['text of a task', 'canary-title'],
    ['secret of the server', SECRET],
    ['private key', 'PRIVATE'],
  ])('has no %s', (name, secret) => {
    expect(logged).not.toContain(name === 'private key' ? privateKey : secret)
  })

  test('is one JSON object a line, whatever was sent', () => {
    const lines = logged.split('\n').map((line) => JSON.parse(line))
    expect(lines.length).toBeGreaterThan(20)
    expect(lines.filter(({ msg, level }) => msg === 'injected' || level === 'fatal')).toEqual([])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
    expect(logged).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/)
  })

  test('tells each thing that happened to an account once', () => {
    const events = logged
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'access')
      .map(({ event, outcome }) => `${event} ${outcome}`)
    expect(events).toEqual([
      'registration ok',
      'registration ok',
      'sign-in refused',
      'sign-in refused',
      'sign-in ok',
      'consent approved',
      'token invalid_grant',
      'token ok',
      'token ok',
      'token invalid_grant',
      expect.stringMatching(/^token invalid_/),
      expect.stringMatching(/^token invalid_/),
      'revocation ok',
      'sign-out ok',
    ])
  })
})

describe('on the disk', () => {
  test('the private key is nowhere in the clear, neither in the store nor in a backup', () => {
    expect(privateKey).toMatch(/^[\w-]{43}$/)
    expect(atRest).not.toContain(privateKey)
    expect(atRest).not.toContain('"d":"')
  })

  test.each(['a client secret', 'a code', 'an access token', 'a refresh token', 'a renewed refresh token'])(
    '%s is kept as a hash at most',
    (name) => {
      expect(atRest).not.toContain(secrets[name])
    },
  )

  test('neither a password nor the secret of the server is there', () => {
    for (const secret of [PASSWORD, TYPED, SECRET]) expect(atRest).not.toContain(secret)
  })

  test('every file is for its owner only', () => {
    const modes = readdirSync(serving.home).map((name) => [
      name,
      statSync(join(serving.home, name)).mode & 0o077,
    ])
    expect(modes.filter(([, others]) => others !== 0)).toEqual([])
  })
})
