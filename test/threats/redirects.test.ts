/**
 * T22 (redirect URIs) and T23 (open redirects) of the threat table: a code, an error and a person go to a
 * registered address or nowhere. Registration itself: test/auth/registration.test.ts.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser, inputValue } from '../helpers/browser.js'
import { authorizeUrl, logIn, newVerifier, register } from '../helpers/oauth.js'
import { ADA, type Serving, startServing } from '../helpers/serving.js'

const WEB = 'https://client.example.com/cb'
const LOOPBACK = 'http://127.0.0.1:7777/callback'
const APP = 'cursor://anysphere.cursor-mcp/oauth/callback'

/** What is not WEB, although some parser may say so. */
const NOT_WEB = [
  ...['', ' ', 'null', 'undefined', '/', '//', '/cb', 'cb', '?', '#', 'https:', 'https://', 'https:///cb'],
  ...['https://client.example.com', 'https://client.example.com/', `${WEB}/`, `${WEB}/..`, `${WEB}/.`],
  ...[`${WEB}?`, `${WEB}?x=1`, `${WEB}#`, `${WEB}#x`, `${WEB};x`, `${WEB}%00`, `${WEB}%20`, `${WEB}%2f`],
  ...[
    `${WEB}\u0000`,
    `${WEB}\n`,
    `${WEB}\r\nLocation: https://evil.example`,
    `${WEB}\t`,
    `${WEB} `,
    ` ${WEB}`,
  ],
  ...['https://client.example.com/CB', 'https://CLIENT.example.com/cb', 'HTTPS://client.example.com/cb'],
  ...[
    'https://client.example.com/%63b',
    'https://client.example.com/c%62',
    'https://client%2eexample.com/cb',
  ],
  ...[
    'https://client.example.com//cb',
    'https://client.example.com/./cb',
    'https://client.example.com/x/../cb',
  ],
  ...[
    'https://client.example.com/cb/../evil',
    'https://client.example.com\\cb',
    'https:\\\\client.example.com\\cb',
  ],
  ...[
    'https://client.example.com:443/cb',
    'https://client.example.com:8443/cb',
    'https://client.example.com./cb',
  ],
  ...[
    'https://client.example.com:/cb',
    'https://client.example.com\u3002/cb',
    'https://client\uff0eexample.com/cb',
  ],
  ...[
    'https://clien\u0442.example.com/cb',
    'https://client.example.com\u200b/cb',
    'https://client.exam\u00adple.com/cb',
  ],
  ...['https://client.example.com.evil.example/cb', 'https://evil.example/client.example.com/cb'],
  ...['https://client.example.com@evil.example/cb', 'https://evil.example@client.example.com/cb'],
  ...['https://client.example.com:pw@evil.example/cb', 'https://evil.example#@client.example.com/cb'],
  ...['https://evil.example?https://client.example.com/cb', 'https://evil.example\\@client.example.com/cb'],
  ...['https://sub.client.example.com/cb', 'https://example.com/cb', 'https://*.example.com/cb'],
  ...['http://client.example.com/cb', '//client.example.com/cb', 'https:client.example.com/cb'],
  ...['https:/client.example.com/cb', 'ftp://client.example.com/cb', 'javascript:alert(1)'],
  ...['javascript://client.example.com/cb%0aalert(1)', 'data:text/html,<script>alert(1)</script>'],
  ...[
    'file:///etc/passwd',
    'blob:https://client.example.com/cb',
    'about:blank',
    'view-source:https://x.example',
  ],
  ...[`${WEB},https://evil.example`, `${WEB} https://evil.example`, 'x'.repeat(3000)],
]

/** Of a loopback URI the port may differ and nothing else (RFC 8252 §7.3). */
const NOT_LOOPBACK = [
  ...['http://127.0.0.1:7777/callback/', 'http://127.0.0.1:7777/', 'http://127.0.0.1:7777/callback?x=1'],
  ...['http://127.1:7777/callback', 'http://0x7f.1:7777/callback', 'http://2130706433:7777/callback'],
  ...['http://0177.0.0.1:7777/callback', 'http://127.0.0.2:7777/callback', 'http://0.0.0.0:7777/callback'],
  ...[
    'http://localhost:7777/callback',
    'http://[::1]:7777/callback',
    'http://[::ffff:127.0.0.1]:7777/callback',
  ],
  ...['http://127.0.0.1.evil.example/callback', 'http://localhost.evil.example/callback'],
  ...['http://127.0.0.1:7777@evil.example/callback', 'https://127.0.0.1:7777/callback'],
  ...['http://127.0.0.1:99999/callback', 'http://127.0.0.1:7777/CALLBACK', 'http://①27.0.0.1:7777/callback'],
]

const NOT_APP = [
  ...[
    'cursor://anysphere.cursor-mcp/oauth/callback/',
    'cursor://evil/oauth/callback',
    'cursor:oauth/callback',
  ],
  ...['CURSOR://anysphere.cursor-mcp/oauth/callback', 'vscode://anysphere.cursor-mcp/oauth/callback'],
  ...['cursor://anysphere.cursor-mcp:1/oauth/callback', 'cursor://anysphere.cursor-mcp/oauth/callback?x'],
]

const ELSEWHERE = [
  ...['https://evil.example', '//evil.example', '/\\evil.example', '\\\\evil.example', 'https:evil.example'],
  ...['/\t/evil.example', '/%09/evil.example', 'javascript:alert(1)', '///evil.example', '@evil.example'],
]

let serving: Serving
let clientId: string
beforeAll(async () => {
  serving = await startServing({ env: { TRUST_PROXY: '1', LOG_LEVEL: 'warn' } })
  clientId = await register(serving.base, { redirect_uris: [WEB, LOOPBACK, APP] })
})
afterAll(() => serving.stop())

/** A browser at an address of its own, so that no allowance answers in the place of the rule. */
const browserAt = (octet: number) => createBrowser(undefined, { 'x-forwarded-for': `10.1.0.${octet}` })
const openWith = async (octet: number, redirectUri: string) =>
  browserAt(octet).open(authorizeUrl({ base: serving.base, clientId, redirectUri }, newVerifier()))

describe.each([
  ['a web', 1, NOT_WEB],
  ['a loopback', 2, NOT_LOOPBACK],
  ['an app', 3, NOT_APP],
] as const)('in the place of %s URI', (_name, octet, uris) => {
  test.each(uris)('%j gets a page and no redirect', async (uri) => {
    const answer = await openWith(octet, uri)
    expect([answer.status, answer.left, answer.headers.location]).toEqual([400, undefined, undefined])
    expect(answer.body).not.toContain('evil.example')
  })
})

test.each([WEB, LOOPBACK, APP, 'http://127.0.0.1:50123/callback'])('%s itself is asked for', async (uri) => {
  expect((await openWith(4, uri)).body).toContain('name="password"')
})

test('two redirect URIs get a page, whichever is the registered one', async () => {
  const url = authorizeUrl({ base: serving.base, clientId, redirectUri: WEB }, newVerifier())
  const two = await browserAt(4).open(`${url}&redirect_uri=https://evil.example/`)
  expect([two.status, two.left]).toEqual([400, undefined])
})

test('a client that another one took the redirect URI of is not answered there', async () => {
  const other = await register(serving.base, { redirect_uris: ['https://other.example.com/cb'] })
  const login = { base: serving.base, clientId: other, redirectUri: WEB }
  const answer = await browserAt(4).open(authorizeUrl(login, newVerifier()))
  expect([answer.status, answer.left]).toEqual([400, undefined])
})

describe('nothing in a query leads elsewhere', () => {
  const NAMES =
    'next return returnTo return_to redirect redirect_url url continue callbackURL target rd dest goto'
  const more = (place: string) => new URLSearchParams(NAMES.split(' ').map((name) => [name, place]))

  test.each(ELSEWHERE)('%j on every page', async (place) => {
    const browser = browserAt(5)
    const login = { base: serving.base, clientId, redirectUri: LOOPBACK }
    const page = await browser.open(`${authorizeUrl(login, newVerifier())}&${more(place)}`)
    const query = inputValue(page.body, 'query')
    expect(query).not.toContain('evil')
    const form = { query, ...ADA, ...Object.fromEntries(more(place)) }
    const answers = [
      await browser.send(`${serving.base}/auth/sign-in?${query}&${more(place)}`),
      await browser.send(`${serving.base}/auth/consent?${query}&${more(place)}`),
      await browser.send(`${serving.base}/auth/sign-in?${more(place)}`, { form }),
      await browser.send(`${serving.base}/auth/sign-out?${more(place)}`, {
        form: { query, ...Object.fromEntries(more(place)) },
      }),
      await browser.send(`${serving.base}/auth/sign-out`, { form: { query: place } }),
      await browser.send(`${serving.base}/?${more(place)}`),
    ]
    for (const { headers, url } of answers) {
      const location = new URL(String(headers.location ?? '/'), url)
      expect(location.origin).toBe(serving.base)
    }
  })
})

test('a whole login still ends at the registered address', async () => {
  const browser = browserAt(6)
  const login = { base: serving.base, clientId, redirectUri: LOOPBACK, ...ADA, browser }
  expect((await logIn(login)).access_token).toBeTruthy()
})
