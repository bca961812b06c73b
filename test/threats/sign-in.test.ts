/**
 * T28 (cookies), T29 (fixation, signing out, long sessions), T30 (brute force), T31 (enumeration by answer) and
 * T32 (weak passwords) of the threat table. By timing: enumeration-attack.ts, in the long form.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checkPassword } from '../../src/auth/password.js'
import { addPerson } from '../../src/auth/people.js'
import { ALLOWANCES } from '../../src/serve/auth-routes.js'
import { type Answer, type Browser, createBrowser, inputValue } from '../helpers/browser.js'
import { authorizeUrl, newVerifier, register } from '../helpers/oauth.js'
import { program } from '../helpers/program.js'
import { PASSWORD, serveAll, twoPeople } from '../helpers/serve.js'
import { ADA, BOB, type Serving, startServing } from '../helpers/serving.js'

const SESSION = 'zuko.session_token'
const DEVICE = 'zuko.device'

let serving: Serving
let base: string
let query: string
beforeAll(async () => {
  serving = await startServing({
    env: { LOG_LEVEL: 'info' },
    async fill(store, auth) {
      const at = new Date()
      await addPerson(auth, { email: 'seeded@example.com', name: 'Seeded', password: null, at })
      const gone = await addPerson(auth, { email: 'gone@example.com', name: 'Gone', password: PASSWORD, at })
      await store.people.setDisabled(gone.id, at.getTime())
      for (const name of ['flooded', 'raced', 'carol'])
        await addPerson(auth, { email: `${name}@example.com`, name, password: PASSWORD, at })
    },
  })
  base = serving.base
  const page = await createBrowser().open(await authorization())
  query = inputValue(page.body, 'query')
})
afterAll(() => serving.stop())

const authorization = async () => authorizeUrl({ base, clientId: await register(base) }, newVerifier())
const signIn = (browser: Browser, email: string, password: string, headers = {}): Promise<Answer> =>
  browser.send(`${base}/auth/sign-in`, { form: { query, email, password }, headers })
/** What the consent page is for this browser: itself, or the way to the sign-in page. */
const consent = (browser: Browser) => browser.send(`${base}/auth/consent?${query}`)
const isSignedIn = async (browser: Browser) => (await consent(browser)).status === 200
const copyOf = (browser: Browser): Browser => {
  const copy = createBrowser()
  for (const [name, value] of browser.jar) copy.jar.set(name, value)
  return copy
}
async function signedIn(email = ADA.email): Promise<Browser> {
  const browser = createBrowser()
  const { status } = await signIn(browser, email, PASSWORD)
  if (status !== 303) throw new Error(`signing in was answered with ${status}`)
  return browser
}

describe('a session', () => {
  test('is not the one that somebody planted, even a valid one', async () => {
    const attacker = await signedIn(BOB.email)
    const victim = copyOf(attacker)
    await signIn(victim, ADA.email, PASSWORD)
    expect(victim.jar.get(SESSION)).not.toBe(attacker.jar.get(SESSION))
    expect((await consent(victim)).body).toContain(ADA.email)
    expect((await consent(attacker)).body).not.toContain(ADA.email)
  })

  test('is new with each sign-in', async () => {
    const browser = await signedIn()
    const before = browser.jar.get(SESSION)
    await signIn(browser, ADA.email, PASSWORD)
    expect(browser.jar.get(SESSION)).not.toBe(before)
  })

  test('ends when the person signs out, for whoever kept the cookie', async () => {
    const browser = await signedIn()
    const thief = copyOf(browser)
    expect(await isSignedIn(thief)).toBe(true)
    await browser.send(`${base}/auth/sign-out`, { form: { query } })
    expect(await isSignedIn(thief)).toBe(false)
  })

  test('ends when the password is changed', async () => {
    const browser = await signedIn('carol@example.com')
    const admin = program(serving.home, serving.env)
    await admin.succeed(['admin', 'users', 'set-password', 'carol@example.com'])
    expect(await isSignedIn(browser)).toBe(false)
    expect((await signIn(createBrowser(), 'carol@example.com', PASSWORD)).status).toBe(401)
  })

  test('lasts eight hours, however often it is used', async () => {
    const served = await serveAll()
    await twoPeople(served)
    const login = { base: served.base, clientId: await register(served.base) }
    const browser = createBrowser()
    const open = async (hours: number) => {
      vi.useFakeTimers({ toFake: ['Date'], now: started + hours * 3600_000 })
      return (await browser.open(authorizeUrl(login, newVerifier()))).body
    }
    const started = Date.now()
    const page = await open(0)
    await browser.send(`${served.base}/auth/sign-in`, { form: { query: inputValue(page, 'query'), ...ADA } })
    expect(await open(4)).toContain('name="decision"')
    expect(await open(7.9)).toContain('name="decision"')
    expect(await open(8.1)).toContain('name="password"')
    vi.useRealTimers()
    await served.close()
  })

  test.each([
    ['without its signature', (value: string) => value.split('.')[0] ?? ''],
    ['with another signature', (value: string) => `${value.slice(0, -6)}AAAA%3D`],
    ['with another token', (value: string) => `x${value.slice(1)}`],
  ])('is none with a cookie %s', async (_name, change) => {
    const browser = await signedIn()
    browser.jar.set(SESSION, change(browser.jar.get(SESSION) ?? ''))
    expect(await isSignedIn(browser)).toBe(false)
  })
})

describe('behind https', () => {
  test('cookies are for this host alone, over TLS, and out of reach of scripts', async () => {
    const https = await startServing({ env: { BACKEND_URL: 'https://crm.example' } })
    const local = `http://127.0.0.1:${https.port}`
    const from = { host: 'crm.example', origin: 'https://crm.example' }
    const browser = createBrowser(undefined, from)
    const clientId = await register(local, {}, browser)
    const asked = await browser.send(authorizeUrl({ base: local, clientId }, newVerifier()))
    const page = new URL(String(asked.headers.location), local)
    const form = { query: page.search.slice(1), ...ADA }
    const answer = await browser.send(`${local}/auth/sign-in`, { form })
    await https.stop()
    const cookies = [answer.headers['set-cookie'] ?? []].flat()
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual([
      '__Host-zuko.session_token',
      '__Host-zuko.device',
    ])
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; Secure/i)
      expect(cookie).toMatch(/; HttpOnly/i)
      expect(cookie).toMatch(/; SameSite=Lax/i)
      expect(cookie).toMatch(/; Path=\/(;|$)/i)
      expect(cookie).not.toMatch(/Domain/i)
    }
  })
})

describe('guessing', () => {
  test('in parallel from pretended addresses verifies no more than the account allows', async () => {
    const guesses = Array.from({ length: 25 }, (_, index) =>
      signIn(createBrowser('127.0.0.2'), 'raced@example.com', `guess number ${index}`, {
        'x-forwarded-for': `203.0.113.${index}`,
        forwarded: `for=203.0.113.${index}`,
        'x-real-ip': `203.0.113.${index}`,
      }),
    )
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(ALLOWANCES.account.burst)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
  })

  test.each(['RACED@EXAMPLE.COM', ' raced@example.com', 'raced@example.com\t', 'Raced@example.com'])(
    'goes on being slowed with the account spelled %j',
    async (email) => {
      const answer = await signIn(createBrowser('127.0.0.3'), email, PASSWORD)
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, '60'])
    },
  )

  test('does not lock out the browser in which the person signed in before', async () => {
    const known = await signedIn('flooded@example.com')
    for (let index = 0; index < ALLOWANCES.account.burst + 2; index += 1)
      await signIn(createBrowser('127.0.0.4'), 'flooded@example.com', 'not the password')
    expect((await signIn(createBrowser('127.0.0.5'), 'flooded@example.com', PASSWORD)).status).toBe(429)
    known.jar.delete(SESSION)
    expect((await signIn(known, 'flooded@example.com', PASSWORD)).status).toBe(303)
  })

  test('from a browser of another account is slowed like any other', async () => {
    const other = await signedIn(BOB.email)
    expect((await signIn(other, 'flooded@example.com', PASSWORD)).status).toBe(429)
  })

  test.each([
    ['made up', () => `${'A'.repeat(22)}.${'A'.repeat(43)}`],
    ['altered', (value: string) => `B${value.slice(1)}`],
    ['not of the right form', () => '..'],
  ])('with a device cookie that is %s is slowed like any other', async (_name, change) => {
    const browser = await signedIn(ADA.email)
    browser.jar.set(DEVICE, change(browser.jar.get(DEVICE) ?? ''))
    expect((await signIn(browser, 'flooded@example.com', PASSWORD)).status).toBe(429)
  })

  test('leaves a line in the log for each attempt, with the account and without what was typed', async () => {
    const events = serving
      .logged()
      .split('\n')
      .filter((line) => line.includes('"event":"sign-in"'))
      .map((line) => JSON.parse(line))
    expect(new Set(events.map(({ outcome }) => outcome))).toEqual(new Set(['ok', 'refused', 'slowed']))
    expect(serving.logged()).not.toMatch(/guess number|example\.com/)
  })
})

describe('a wrong password says nothing about the account', () => {
  const bare = ({ status, headers, body }: Answer, email: string) => {
    const { date: _, 'x-request-id': __, 'content-length': ___, ...rest } = headers
    return { status, headers: rest, body: body.replaceAll(email, 'X') }
  }
  const kinds = ['seeded@example.com', 'gone@example.com', 'nobody@example.com', 'nobody@nowhere.invalid']
  let person: ReturnType<typeof bare>
  beforeAll(async () => {
    const answer = await signIn(createBrowser('127.0.0.6'), BOB.email, 'not the password')
    person = bare(answer, BOB.email)
  })
  test.each(kinds)('%s gets the bytes that a person gets', async (email) => {
    const other = await signIn(createBrowser('127.0.0.6'), email, 'not the password')
    expect(bare(other, email)).toEqual(person)
  })

  test.each([
    '',
    'x',
    'a\u0000b@example.com',
    `${'x'.repeat(300)}@example.com`,
    "' OR 1=1 --",
    '*@example.com',
  ])('%j is refused like any other', async (email) => {
    const { status, headers } = await signIn(createBrowser('127.0.0.7'), email, PASSWORD)
    expect([status, headers['set-cookie']]).toEqual([401, undefined])
  })
})

describe('a password', () => {
  test('of a megabyte is not read', async () => {
    expect((await signIn(createBrowser('127.0.0.8'), ADA.email, 'x'.repeat(1 << 20))).status).toBe(413)
  })

  test.each([
    'short',
    'elevenchars',
    'password1234',
    'Password2026!!',
    'PASSWORD....',
    'aaaaaaaaaaaa',
    'abababababab',
    '123456789012',
    '111111111111',
    'qwertyuiop123',
    'welcome20262026',
    'letmein!!!!!!!',
    'administrator1',
    'iloveyou12345',
    'x'.repeat(129),
    '            ',
  ])('%j is refused', (weak) => {
    expect(checkPassword(weak)).toMatch(/^The password /)
  })

  test.each([PASSWORD, 'Täglich frische Brötchen', '鳳凰が山の上で歌っている朝です', 'x9$Lq!vR2mZ#'])(
    '%j is accepted',
    (good) => {
      expect(checkPassword(good)).toBeNull()
    },
  )
})
