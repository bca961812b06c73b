import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  authUrlOrDefault,
  isLoopback,
  loadSecret,
  publicUrls,
  readConfig,
  wantsStacks,
} from '../src/config.js'
import { isZukoError, ZukoError } from '../src/errors.js'
import { OWN_NAMES } from '../src/scope-names.js'

/** The problems that these variables are answered with. */
function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env)
  } catch (error) {
    if (isZukoError(error, 'CONFIGURATION')) return error.problems
  }
  throw new Error('The configuration was accepted.')
}

describe('the configuration', () => {
  test('has defaults for everything', () => {
    expect(readConfig({})).toMatchObject({
      backendUrl: 'http://localhost:3001',
      authUrl: undefined,
      foreign: undefined,
      secret: undefined,
      database: expect.stringMatching(/zuko-mcp.*zuko\.db$/),
      mcpUrl: 'http://localhost:3001/api/mcp',
      token: undefined,
      rateLimit: { perSecond: 50, burst: 200 },
      trustProxy: 0,
      logLevel: 'info',
    })
  })

  test('takes an empty variable for none', () => {
    const names = [
      'BACKEND_URL',
      'BETTER_AUTH_URL',
      'BETTER_AUTH_SECRET',
      'OAUTH_ISSUER',
      'OAUTH_SCOPES',
      'DATABASE_URL',
      'RATE_LIMIT',
      'LOG_LEVEL',
    ]
    expect(readConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readConfig({}))
  })

  test('cannot be changed', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true)
  })

  test('lists every problem at once, each with the name of its variable', () => {
    const wrong = {
      BACKEND_URL: 'x',
      BETTER_AUTH_SECRET: 'short',
      RATE_LIMIT: 'x',
      TRUST_PROXY: 'x',
      LOG_LEVEL: 'x',
    }
    expect(problemsOf(wrong).map((problem) => problem.split(' ')[0])).toEqual(Object.keys(wrong))
  })

  test.each([
    ['https://crm.example.com/', 'https://crm.example.com'],
    ['https://CRM.Example.com:443', 'https://crm.example.com'],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000'],
  ])('reads the base URL %s as %s', (given, backendUrl) => {
    expect(readConfig({ BACKEND_URL: given }).backendUrl).toBe(backendUrl)
  })

  test.each([
    'crm.example.com',
    'ftp://crm.example.com',
    'https://crm.example.com/zuko',
    'https://crm.example.com?x=1',
    'https://crm.example.com#x',
    'https://ada:secret@crm.example.com',
  ])('refuses the base URL %s', (url) => {
    expect(problemsOf({ BACKEND_URL: url })[0]).toContain('BACKEND_URL must be an http or https base URL')
    expect(problemsOf({ BETTER_AUTH_URL: url })[0]).toContain('BETTER_AUTH_URL must be')
  })

  test.each([
    'https://id.example.com',
    'https://id.example.com/',
    'https://id.example.com/realms/acme',
    'http://localhost:8080/realms/acme',
  ])('keeps the foreign issuer %s as it is written', (issuer) => {
    expect(readConfig({ OAUTH_ISSUER: issuer }).foreign).toEqual({ issuer, scopeNames: OWN_NAMES })
  })

  test.each([
    'id.example.com',
    'http://id.example.com',
    'ftp://id.example.com',
    'https://id.example.com/?tenant=1',
    'https://id.example.com/#x',
    'https://ada:secret@id.example.com',
  ])('refuses the foreign issuer %s and repeats no password', (url) => {
    const [problem = ''] = problemsOf({ OAUTH_ISSUER: url })
    expect(problem).toContain('OAUTH_ISSUER must be the "iss" of its tokens: an https URL')
    expect(problem).not.toContain('secret')
  })

  test('refuses two authorization servers', () => {
    const both = { OAUTH_ISSUER: 'https://id.example.com', BETTER_AUTH_URL: 'https://login.example.com' }
    expect(problemsOf(both)).toEqual([
      'OAUTH_ISSUER and BETTER_AUTH_URL name two authorization servers; one of them must be unset.',
    ])
  })

  test('refuses its own issuer as a foreign one', () => {
    const own = { BACKEND_URL: 'https://crm.example.com', OAUTH_ISSUER: 'https://crm.example.com/auth' }
    expect(problemsOf(own)[0]).toContain('OAUTH_ISSUER is for another authorization server')
  })

  test('refuses names of scopes without the issuer that has them', () => {
    expect(problemsOf({ OAUTH_SCOPES: 'tasks:read=crm.read' })).toEqual([
      'OAUTH_SCOPES means nothing without OAUTH_ISSUER.',
    ])
  })

  test('lists every problem of the names of scopes, beside those of other variables', () => {
    const wrong = {
      BACKEND_URL: 'x',
      OAUTH_ISSUER: 'https://id.example.com',
      OAUTH_SCOPES: 'tasks:read,tasks:delete=crm.delete,tasks:write=crm write,,tasks:read=a,tasks:read=b',
    }
    expect(problemsOf(wrong).slice(1)).toEqual([
      'OAUTH_SCOPES has the entry "tasks:read", which should read like tasks:read=crm.read.',
      'OAUTH_SCOPES maps "tasks:delete", which is none of the scopes here: organizations:read, tasks:read, tasks:write.',
      'OAUTH_SCOPES maps tasks:write to "crm write", which should be one word without spaces, quotes and backslashes.',
      'OAUTH_SCOPES has the entry "", which should read like tasks:read=crm.read.',
      'OAUTH_SCOPES maps tasks:read twice, which should be mapped once.',
    ])
  })

  test.each([
    ['tasks:read=crm.read,tasks:write=crm.write', { 'tasks:read': 'crm.read', 'tasks:write': 'crm.write' }],
    [' organizations:read = x ', undefined],
    ['tasks:read=https://api.example/read?a=b', { 'tasks:read': 'https://api.example/read?a=b' }],
    ['tasks:read=crm, tasks:write=crm', { 'tasks:read': 'crm', 'tasks:write': 'crm' }],
  ])('reads the names of scopes %j', (text, changed) => {
    const env = { OAUTH_ISSUER: 'https://id.example.com', OAUTH_SCOPES: text }
    if (!changed) return expect(problemsOf(env)).toHaveLength(1)
    expect(readConfig(env).foreign?.scopeNames).toEqual({ ...OWN_NAMES, ...changed })
  })

  test.each([
    ['file:/var/lib/zuko.db', '/var/lib/zuko.db'],
    ['file:///var/lib/my%20zuko.db', '/var/lib/my zuko.db'],
    ['file:data/zuko.db', 'data/zuko.db'],
  ])('reads the database URL %s as %s', (given, path) => {
    expect(readConfig({ DATABASE_URL: given }).database).toBe(path)
  })

  test.each([
    'postgres://zuko:s%40cret@db.example/crm',
    'postgresql://zuko@[::1]:6432/crm?max=20&sslmode=verify-full',
    'postgres:///crm?host=/var/run/postgresql',
  ])('reads the database URL %s as one of Postgres', (url) => {
    expect(readConfig({ DATABASE_URL: url }).database).toEqual(new URL(url))
  })

  test.each([
    ['mysql://ada:secret@db/zuko', 'must be a file: URL such as'],
    ['/var/lib/zuko.db', 'must be a file: URL such as'],
    ['file:', 'must be a file: URL such as'],
    ['file://host/zuko.db', 'must be a file: URL such as'],
    ['postgres://ada:sec#ret@db/zuko', 'are written as %3A'],
    ['postgres://ada:secret%@db/zuko', 'holds a % that encodes nothing'],
    ['postgres://ada:secret@db', 'names no database'],
    ['postgres://ada:secret@db/', 'names no database'],
    ['postgres://ada:secret@db/zuko?sslmode=prefer', 'sslmode that is none of disable, require'],
    ['postgres://ada:secret@db/zuko?sslmode=verify-ca', 'sslmode=verify-ca without sslrootcert'],
    ['postgres://ada:secret@db/zuko?max=1', 'has a max that is no number from 2 to 1000'],
    ['postgres://ada:secret@db/zuko?max=many', 'has a max that is no number from 2 to 1000'],
  ])('refuses the database URL %s and repeats no password', (url, words) => {
    const [problem = ''] = problemsOf({ DATABASE_URL: url })
    expect(problem).toContain(words)
    expect(problem).not.toContain('sec')
  })

  test('reads a rate limit, or none', () => {
    expect(readConfig({ RATE_LIMIT: '5/s burst 9' }).rateLimit).toEqual({ perSecond: 5, burst: 9 })
    expect(readConfig({ RATE_LIMIT: 'off' }).rateLimit).toBeNull()
  })

  test.each(['50', '0/s burst 1', '1/s burst 0', '-1/s burst 1', '50/m burst 200', 'none'])(
    'refuses the rate limit %s',
    (text) => {
      expect(problemsOf({ RATE_LIMIT: text })[0]).toContain('RATE_LIMIT must read like "50/s burst 200"')
    },
  )

  test.each(['-1', '11', '1.5', 'yes'])('refuses %s proxies in front', (text) => {
    expect(problemsOf({ TRUST_PROXY: text })).toHaveLength(1)
  })

  test.each(['not a url', 'file:/x', 'ws://x'])('refuses %s as the target of the proxy', (url) => {
    expect(problemsOf({ ZUKO_MCP_URL: url })).toEqual(['ZUKO_MCP_URL must be an http or https URL.'])
  })
})

test('the public URLs follow from the base URL', () => {
  expect(publicUrls('https://crm.example.com')).toEqual({
    resource: 'https://crm.example.com/api/mcp',
    issuer: 'https://crm.example.com/auth',
    resourceMetadata: 'https://crm.example.com/.well-known/oauth-protected-resource/api/mcp',
  })
})

test.each([
  ['http://localhost:3001', true],
  ['http://127.0.0.1:3001', true],
  ['http://[::1]:3001', true],
  ['http://localhost.example.com', false],
  ['http://0.0.0.0:3001', false],
])('%s is this computer: %s', (url, expected) => {
  expect(isLoopback(url)).toBe(expected)
})

test('the authorization server listens on port 8000 unless BETTER_AUTH_URL says otherwise', () => {
  expect(authUrlOrDefault(readConfig({}))).toBe('http://localhost:8000')
  expect(authUrlOrDefault(readConfig({ BETTER_AUTH_URL: 'http://localhost:9000' }))).toBe(
    'http://localhost:9000',
  )
})

test.each([
  ['debug', true],
  ['trace', true],
  ['info', false],
  [undefined, false],
])('LOG_LEVEL=%s shows stacks: %s, whatever else is wrong', (level, expected) => {
  expect(wantsStacks({ BACKEND_URL: 'x', ...(level && { LOG_LEVEL: level }) })).toBe(expected)
})

describe('the secret', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'zuko-config-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const load = (secret?: string) => loadSecret({ secret, database: join(folder, 'data', 'zuko.db') })
  const path = () => join(folder, 'data', 'zuko.db.secret')

  test('is made once and kept beside the database, for its owner only', () => {
    const secret = load()
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(load()).toBe(secret)
    expect(readFileSync(path(), 'utf8')).toBe(secret)
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  test('is closed to others again when somebody opened it', () => {
    load()
    chmodSync(path(), 0o644)
    load()
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  test('is the configured one where there is one, and then nothing is kept', () => {
    expect(load('a configured secret of 32 characters')).toBe('a configured secret of 32 characters')
    expect(() => statSync(path())).toThrow('ENOENT')
  })

  test('has to be given for a database, which keeps none', () => {
    const database = new URL('postgres://ada:hidden@db/zuko')
    expect(() => loadSecret({ secret: undefined, database })).toThrow('BETTER_AUTH_SECRET is not set')
  })

  test('that was cut short is refused instead of replaced', () => {
    load()
    writeFileSync(path(), 'cut')
    expect(() => load()).toThrow(ZukoError)
    expect(readFileSync(path(), 'utf8')).toBe('cut')
  })
})
