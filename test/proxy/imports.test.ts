import { spawnSync } from 'node:child_process'
import { realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Credential, openTokenCache } from '../../src/proxy/token-cache.js'
import { type Built, copyProgram } from '../helpers/built.js'

let built: Built

beforeAll(() => {
  built = copyProgram()
})
afterAll(() => built.remove())

/** Everything that a run of Node loads from `node_modules` or from the program, by name. */
function loadedBy(args: string[]): string[] {
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
    ['--no-warnings', '--experimental-loader', loader, ...args],
    { cwd: built.directory, encoding: 'utf8', input: '', env: { XDG_DATA_HOME: built.directory } },
  )
  if (status !== 0) throw new Error(stderr)
  return stdout.split('\n').filter((url) => url.startsWith('file:'))
}

const credential: Credential = {
  loginId: 'x',
  url: 'http://127.0.0.1:9/mcp',
  profile: 'default',
  resource: 'r',
  issuer: 'i',
  clientId: 'c',
  tokenEndpoint: 't',
  accessToken: 'kept',
  obtainedAt: 0,
}

it('a bridge with a token at hand starts from three files, and from no package', async () => {
  const { url, profile } = credential
  const directory = join(built.directory, 'zuko-mcp', 'logins')
  const cache = openTokenCache({ url: new URL(url), profile, directory, store: 'file', say: () => {} })
  await cache.save(credential, 'login')
  const root = realpathSync(join(built.bin, '..', '..'))
  const loaded = loadedBy([built.bin, 'proxy', url])
  const names = loaded.map((file) => relative(root, fileURLToPath(file)))
  expect(names).toEqual(['bin/zuko-mcp.js', 'dist/main.js', 'dist/proxy/start.js'])
})

it('a login loads nothing of the server’s, and openid-client with what it stands on', () => {
  const script = `
    await import('./proxy/session.js')
    await import('./proxy/challenges.js')
    await import('./proxy/login.js')
    await import('./proxy/device.js')
    await import('openid-client')`
  const loaded = loadedBy(['--input-type=module', '-e', script])
  const packages = loaded
    .map((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? '')
    .filter((name) => name !== '.cache')
  expect([...new Set(packages)].sort()).toEqual(['jose', 'oauth4webapi', 'openid-client'])
})
