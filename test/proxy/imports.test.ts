import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Built, buildProgram } from '../helpers/built.js'

let built: Built

beforeAll(() => {
  built = buildProgram()
})
afterAll(() => built.remove())

/** Everything that a script loads from `node_modules` or from the program, by name. */
function loadedBy(script: string): string[] {
  const hook = `
    import { writeSync } from 'node:fs'
    export async function resolve(specifier, context, next) {
      const found = await next(specifier, context)
      writeSync(1, found.url + '\\n')
      return found
    }`
  const loader = join(built.directory, 'loader.mjs')
  writeFileSync(loader, hook)
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--no-warnings', '--experimental-loader', loader, '--input-type=module', '-e', script],
    { cwd: built.directory, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return stdout.split('\n').filter((url) => url.startsWith('file:'))
}

const options = (directory: string) => `{
  url: new URL('http://127.0.0.1:9/api/mcp'), profile: 'default', browser: false, clientCredentials: false,
  device: false, headers: {}, authTimeoutMs: 1000, directory: ${JSON.stringify(directory)},
  now: Date.now, fetch, say: () => {},
}`

it('a token at hand costs no package and none of what signs in', () => {
  const directory = join(built.directory, 'logins')
  const credential = {
    loginId: 'x',
    url: 'http://127.0.0.1:9/api/mcp',
    profile: 'default',
    resource: 'r',
    issuer: 'i',
    clientId: 'c',
    tokenEndpoint: 't',
    accessToken: 'kept',
    obtainedAt: 0,
  }
  const loaded = loadedBy(`
    const { openTokenCache } = await import('./proxy/token-cache.js')
    const { openSession } = await import('./proxy/session.js')
    const options = ${options(directory)}
    await openTokenCache({ ...options, store: 'file' }).save(${JSON.stringify(credential)}, 'login')
    const session = openSession(options)
    if ((await session.token()) !== 'kept') throw new Error('No token.')
    await session.close()`)
  expect(loaded.filter((url) => !url.includes('zuko-test-'))).toEqual([])
  const names = loaded.map((url) => url.split('/').at(-1))
  for (const heavy of ['login.js', 'refresh.js', 'grants.js', 'config.js', 'discovery.js']) {
    expect(names).not.toContain(heavy)
  }
})

it('a login loads nothing of the server’s, and openid-client with what it stands on', () => {
  const loaded = loadedBy(`
    await import('./proxy/session.js')
    await import('./proxy/challenges.js')
    await import('./proxy/login.js')
    await import('./proxy/device.js')
    await import('openid-client')`)
  const packages = loaded
    .map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? '')
    .filter((name) => name !== '.cache')
  expect([...new Set(packages)].sort()).toEqual(['jose', 'oauth4webapi', 'openid-client'])
})
