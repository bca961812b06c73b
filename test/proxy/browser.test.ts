import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { launchFor } from '../../src/proxy/browser.js'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, Session } from '../../src/proxy/types.js'
import { type FakeAuth, fakeAuth } from '../helpers/fake-auth.js'
import { type Desk, desk } from '../helpers/proxy-login.js'

let auth: FakeAuth
let person: Desk
const sessions: Session[] = []

beforeEach(async () => {
  auth = await fakeAuth()
  person = await desk(auth)
})
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()))
  await auth.close()
  await person.clean()
})

const HOSTILE = [
  'file:///etc/passwd',
  'file://server/share/x.exe',
  '\\\\server\\share\\x.exe',
  '//evil.example/x',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'ms-msdt:/id PCWDiagnostic',
  'search-ms:query=x&crumb=location:\\\\evil',
  'smb://evil.example/x',
  'ftp://evil.example/x',
  'ws://127.0.0.1/x',
  'calculator:',
  'cursor://anysphere.cursor-deeplink/mcp/install',
  '-flag',
  '--help',
  '--remote-debugging-port=9222',
  '-https://as.example',
  '$(touch /tmp/owned)',
  '`touch /tmp/owned`',
  ';touch /tmp/owned',
  '&calc.exe',
  '|calc.exe',
  '',
  ' ',
  'about:blank',
  'chrome://settings',
  'view-source:https://as.example',
  'http:$(calc)',
  'http:evil.example/authorize',
  'https:evil.example/authorize',
  'http://evil.example/authorize',
  'http://127.0.0.1.evil.example/authorize',
  'http://2130706433.evil.example/',
  'https://user:password@evil.example/authorize',
  'https://evil.example/authorize#fragment',
  'https://evil.example/\nX',
  'https://evil.example/\tX',
  'https://evil.example/\0X',
  'https://evil.example/ --flag',
  ' https://evil.example/',
  'https://evil.example/\u202Egnp.exe',
  'https://evil.ex\u00E4mple/',
  'https://',
  'https:///x',
  'https://evil.example:99999/',
  'https://[::1',
]

/** What a shell or cmd.exe would take apart; a browser's argument it must stay. */
const SHARP = [
  '/authorize?a=$(touch$IFS/tmp/owned)',
  '/authorize?a=`id`',
  '/authorize?a=";calc;"',
  "/authorize?a='|calc",
  '/authorize?a=%22%26calc.exe%26%22',
  '/authorize?a=1&calc.exe&b=2',
  '/authorize?a=%25PATH%25',
  '/authorize/..;/--flag',
  '/authorize?a=<script>',
  '/authorize?a=^|&;<>()',
]

describe('an authorization address', () => {
  let root: string
  let path: string | undefined

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'zuko-browsers-'))
    for (const name of ['xdg-open', 'open', 'rundll32', 'rundll32.exe']) {
      const program = join(root, name)
      await writeFile(program, `#!/bin/sh\n{ printf '%s\\0' "$0" "$@"; printf '\\n'; } >> '${root}/log'\n`)
      await chmod(program, 0o755)
    }
    path = process.env.PATH
    vi.stubEnv('PATH', `${root}:${path}`)
    vi.stubEnv('DISPLAY', ':0')
    vi.stubEnv('WSL_DISTRO_NAME', '')
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await rm(root, { recursive: true, force: true })
  })
  beforeEach(() => rm(join(root, 'log'), { force: true }))

  const launched = async (): Promise<string[][]> => {
    const log = await readFile(join(root, 'log'), 'utf8').catch(() => '')
    return log
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\0').slice(0, -1))
  }

  async function challengeForReal(): Promise<Outcome> {
    const { openBrowser: _fake, ...options } = person.options
    const session = openSession(options)
    sessions.push(session)
    return session.challenged({ status: 401, wwwAuthenticate: undefined, token: undefined })
  }

  it.each(HOSTILE)('%j starts nothing', async (address) => {
    auth.behave.metadata = { authorization_endpoint: address }
    expect(await challengeForReal()).toMatchObject({ kind: 'failed' })
    expect(await launched()).toEqual([])
    expect(auth.of('/auth/register')).toHaveLength(0)
  })

  it.each(SHARP)('with %s is one argument, the one that was checked', async (tail) => {
    auth.behave.metadata = { authorization_endpoint: auth.origin + tail }
    const outcome = await challengeForReal()
    if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
    await vi.waitFor(async () => expect(await launched()).toEqual([[join(root, 'xdg-open'), outcome.url]]))
  })

  it('is printed and not opened where nobody could see a browser', async () => {
    vi.stubEnv('DISPLAY', '')
    vi.stubEnv('WAYLAND_DISPLAY', '')
    vi.stubEnv('BROWSER', '')
    const outcome = await challengeForReal()
    const line = `To sign in, go to: ${(outcome as { url: string }).url}`
    await vi.waitFor(() => expect(person.said).toContain(line))
    vi.stubEnv('DISPLAY', ':0')
    expect(await launched()).toEqual([])
  })
})

describe('a browser', () => {
  const url = new URL('https://as.example/authorize?a=1&b=2')
  const desktop = { display: true, wsl: false }

  it.each([
    ['linux', desktop, ['xdg-open', url.href]],
    ['darwin', desktop, ['open', url.href]],
    ['win32', desktop, ['rundll32', 'url.dll,FileProtocolHandler', url.href]],
    ['linux', { display: false, wsl: true }, ['rundll32.exe', 'url.dll,FileProtocolHandler', url.href]],
    ['linux', { display: false, wsl: false }, undefined],
  ] as const)('on %s with %j is started without a shell', (platform, given, launch) => {
    expect(launchFor(url, platform, given)).toEqual(launch)
  })
})
