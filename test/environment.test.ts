import { homedir } from 'node:os'
import { join } from 'node:path'
import envPaths from 'env-paths'
import { describe, expect, test } from 'vitest'
import { dataDirectory, expandVariables, proxyEnvironment } from '../src/environment.js'

describe('the data directory', () => {
  test('is where env-paths puts it', () => {
    expect(dataDirectory()).toBe(envPaths('zuko-mcp', { suffix: '' }).data)
  })

  test.each([
    ['linux', {}, join(homedir(), '.local', 'share', 'zuko-mcp')],
    ['linux', { XDG_DATA_HOME: '/x' }, join('/x', 'zuko-mcp')],
    ['darwin', {}, join(homedir(), 'Library', 'Application Support', 'zuko-mcp')],
    ['win32', { LOCALAPPDATA: '/l' }, join('/l', 'zuko-mcp', 'Data')],
  ] as const)('on %s with %j is %s', (platform, env, path) => {
    expect(dataDirectory(env, platform)).toBe(path)
  })
})

describe('what the bridge reads of the environment', () => {
  test('has an address where none is set, and an empty variable counts as unset', () => {
    expect(proxyEnvironment({ ZUKO_MCP_URL: '', ZUKO_TOKEN: '' })).toEqual({
      url: 'http://localhost:3001/api/mcp',
      token: undefined,
      httpProxy: undefined,
      httpsProxy: undefined,
      noProxy: '',
    })
  })

  test('takes lower case before upper case, and ALL_PROXY for either scheme', () => {
    const env = { https_proxy: 'a', HTTPS_PROXY: 'b', ALL_PROXY: 'c', NO_PROXY: 'd' }
    expect(proxyEnvironment(env)).toMatchObject({ httpsProxy: 'a', httpProxy: 'c', noProxy: 'd' })
  })
})

describe('a value with variables', () => {
  const [braced, missing] = ['${' + 'KEY}', '${' + 'NOT_THERE}']

  test('gets them from the environment', () => {
    expect(expandVariables(`Bearer ${braced} $KEY`, { KEY: 'k' })).toBe('Bearer k $KEY')
  })

  test('names the one that is not set', () => {
    expect(() => expandVariables(missing, {})).toThrow('NOT_THERE is not set')
  })
})
