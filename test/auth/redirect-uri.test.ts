/** Which redirect URIs may be registered, rule by rule. The attacks: test/threats/redirects.test.ts. */
import { describe, expect, test } from 'vitest'
import { isLoopbackRedirect, redirectHost, redirectUriProblem } from '../../src/auth/redirect-uri.js'

const LONGEST = `https://example.com/${'x'.repeat(2048 - 'https://example.com/'.length)}`
const CLIENTS =
  'claude cursor goose kiro lmstudio raycast trae vscode vscode-insiders vscodium warp windsurf zed'

test.each([
  'https://example.com',
  'https://example.com/cb?x=1&y=a@b',
  'https://example.com:8443/cb',
  'https://a-b.example.com/@me',
  'https://1.example.com/cb',
  'https://example.a1/cb',
  'https://192.0.2.1x.example/cb',
  'http://localhost',
  'http://localhost/cb?to=//a@b',
  'http://LOCALHOST:80/cb',
  'http://127.0.0.1:1/',
  'http://[::1]:65535/cb',
  'com.example.app:/oauth',
  'com.example:cb',
  'c2.b-c:/x',
  ...CLIENTS.split(' ').map((scheme) => `${scheme}://host/cb`),
  LONGEST,
])('may be registered: %s', (uri) => {
  expect(redirectUriProblem(uri)).toBeNull()
})

const REFUSED: [string, string, string[]][] = [
  ['that is too long', 'a redirect URI is longer than 2048 characters', [`${LONGEST}x`]],
  [
    'that two parsers may read differently',
    'a redirect URI is not an absolute URI',
    [
      ...['', 'cb', '/cb', '//example.com/cb', 'https://', ' https://example.com/', 'https://example.com/ '],
      ...['https://example.com/"', 'https://example.com/\\', 'https://example.com/*', 'https://exämple.com/'],
      ...['https://example.com/{x}', 'https://example.com/<x>', 'https://example.com/`', 'https://[::1'],
    ],
  ],
  [
    'with a fragment',
    'a redirect URI must not have a fragment',
    ['https://example.com/#', 'https://example.com/#x', 'com.example.app:/cb#x', 'http://localhost/?x#'],
  ],
  [
    'with credentials',
    'a redirect URI must not have credentials',
    [
      ...['https://user@example.com/', 'https://:pass@example.com/', 'https://user:pass@example.com/'],
      ...['https:user@example.com', 'https:/:pass@example.com/'],
      ...['https://@example.com/', 'https://:@example.com/', 'http://@localhost/', 'cursor://@host/cb'],
    ],
  ],
  [
    'over http elsewhere',
    'an http redirect URI is for localhost, 127.0.0.1 or [::1] only',
    [
      ...['http://example.com/', 'http://localhost./', 'http://localhost.evil.example/', 'http://127.1/'],
      ...['http://0x7f000001/', 'http://2130706433/', 'http://127.0.0.2/', 'http://[::]/', 'http:localhost/'],
      ...['http://[::ffff:127.0.0.1]/', 'http://[0:0:0:0:0:0:0:1]/', 'http:///localhost/'],
      'http:/evil.example/?http://localhost/',
    ],
  ],
  [
    'over https without a domain name',
    'an https redirect URI needs a domain name',
    [
      ...[
        'https://localhost/',
        'https://example/',
        'https://example.com./',
        'https://127.0.0.1/',
        'https://1.1/',
      ],
      ...[
        'https://[::1]/',
        'https:example.com',
        'https:/example.com/',
        'https:///example.com/',
        'https://0x7f.1/',
      ],
      ...['https://127.0.0.1:443/', 'https://ex%61mple.com/'],
    ],
  ],
]
describe.each(REFUSED)('an address %s is refused in words', (_name, problem, uris) => {
  test.each(uris)('%j', (uri) => {
    expect(redirectUriProblem(uri)).toBe(problem)
  })
})

test.each(['javascript', 'data', 'file', 'vbscript', 'ftp', 'ms-msdt', 'search-ms', 'cursorx', 'xcursor'])(
  'the scheme %s: is refused by its name',
  (scheme) => {
    expect(redirectUriProblem(`${scheme}:x`)).toBe(
      `the scheme "${scheme}:" is not accepted for redirect URIs; a reverse domain name such as com.example.app: is`,
    )
  },
)

test.each(['com.:/cb', 'com..app:/cb', 'com+x.app:/cb', 'com.app+x:/cb'])(
  '%s is no reverse domain name',
  (uri) => {
    expect(redirectUriProblem(uri)).toContain('is not accepted for redirect URIs')
  },
)

test.each([
  ['http://localhost:1/cb', true],
  ['http://127.0.0.1/cb', true],
  ['http://[::1]/', true],
  ['https://localhost/', false],
  ['http://example.com/', false],
  ['cursor://localhost/', false],
  ['no address', false],
])('leads to the person’s own computer: %s, %j', (uri, loopback) => {
  expect(isLoopbackRedirect(uri)).toBe(loopback)
})

test.each([
  ['https://example.com:8443/cb?x', 'example.com:8443'],
  ['http://localhost/cb', 'localhost'],
  ['cursor://host/cb', 'cursor://host'],
  ['com.example.app:/cb', 'com.example.app://'],
  ['xhttps://host/cb', 'xhttps://host'],
  ['httpsx://host/cb', 'httpsx://host'],
  ['no address', 'an unknown place'],
])('consent shows where %s leads: %s', (uri, place) => {
  expect(redirectHost(uri)).toBe(place)
})
