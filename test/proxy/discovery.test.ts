import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseChallenge, requirePkce, type ServerMetadata } from '../../src/proxy/discovery.js'
import { safeUrl } from '../../src/proxy/safe-url.js'
import { openSession } from '../../src/proxy/session.js'
import type { Outcome, ProxyOptions, Session } from '../../src/proxy/types.js'
import { type FakeAuth, fakeAuth } from '../helpers/fake-auth.js'
import { type Desk, desk } from '../helpers/proxy-login.js'

let auth: FakeAuth
let person: Desk
let session: Session | undefined

beforeEach(async () => {
  auth = await fakeAuth()
  person = await desk(auth)
})
afterEach(async () => {
  await session?.close()
  await auth.close()
  await person.clean()
})

const METADATA = '/.well-known/oauth-protected-resource'

function challenge(wwwAuthenticate: string | undefined, more: Partial<ProxyOptions> = {}): Promise<Outcome> {
  session = openSession({ ...person.options, ...more })
  return session.challenged({ status: 401, wwwAuthenticate, token: undefined })
}

const wellKnown = (): string[] =>
  auth.requests.map(({ path }) => path).filter((path) => path.startsWith('/.well-known') || path === '/named')

async function token(outcome: Outcome): Promise<string> {
  if (outcome.kind !== 'sign-in') throw new Error(JSON.stringify(outcome))
  return outcome.done
}

describe('the resource metadata', () => {
  it('is the one that the challenge names, first', async () => {
    auth.behave.answers.set('/named', {
      status: 200,
      body: JSON.stringify({ resource: auth.url.href, authorization_servers: [auth.issuer] }),
    })
    await token(await challenge(`Bearer resource_metadata="${auth.origin}/named"`))
    expect(wellKnown()).toEqual(['/named', '/.well-known/oauth-authorization-server/auth'])
  })

  it('is the one of the path, then the one of the origin', async () => {
    auth.behave.resource = null
    const body = JSON.stringify({ resource: auth.origin, authorization_servers: [auth.issuer] })
    auth.behave.answers.set(METADATA, { status: 200, body })
    await token(await challenge(undefined))
    expect(wellKnown().slice(0, 2)).toEqual([`${METADATA}/api/mcp`, METADATA])
    expect(auth.of('/auth/authorize')[0]?.query.get('resource')).toBe(auth.origin)
  })

  it('may be missing: then the server’s own origin is the issuer', async () => {
    auth.behave.resource = null
    auth.behave.answers.set('/.well-known/oauth-authorization-server', {
      status: 200,
      body: JSON.stringify({
        issuer: auth.origin,
        authorization_endpoint: `${auth.issuer}/authorize`,
        token_endpoint: `${auth.issuer}/token`,
        registration_endpoint: `${auth.issuer}/register`,
        code_challenge_methods_supported: ['S256'],
      }),
    })
    auth.behave.iss = 'missing'
    await token(await challenge(undefined))
    expect(auth.of('/auth/authorize')[0]?.query.get('resource')).toBe(auth.url.href)
  })

  it.each([
    ['another host', 'https://evil.example/api/mcp'],
    ['another path', '/other'],
    ['a path that begins the same', '/api/mc'],
    ['a path below', '/api/mcp/deeper'],
    ['no address', 'crm'],
  ])('about %s ends the login', async (_name, resource) => {
    auth.behave.resource = resource.startsWith('/') ? auth.origin + resource : resource
    expect(await challenge(undefined)).toMatchObject({
      kind: 'failed',
      message: `The metadata of ${auth.url.href} is about another resource.`,
    })
    expect(person.tabs).toHaveLength(0)
  })

  it('about another resource is fine where the person names it', async () => {
    auth.behave.resource = 'https://named.example/api'
    await token(await challenge(undefined, { resource: 'https://named.example/api' }))
    expect(auth.of('/auth/token')[0]?.form.get('resource')).toBe('https://named.example/api')
  })

  it('without an authorization server ends the login', async () => {
    auth.behave.issuers = []
    expect(await challenge(undefined)).toMatchObject({
      kind: 'failed',
      message: `The metadata of ${auth.url.href} names no authorization server.`,
    })
  })

  it('that is down for a moment says so, and nothing else is tried', async () => {
    auth.behave.answers.set(`${METADATA}/api/mcp`, { status: 503 })
    expect(await challenge(undefined)).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('answers 503'),
    })
    expect(wellKnown()).toHaveLength(1)
  })

  it('is not followed to another host', async () => {
    auth.behave.answers.set(`${METADATA}/api/mcp`, {
      status: 302,
      headers: { location: 'http://127.0.0.1:9/stolen' },
    })
    expect(await challenge(undefined)).toMatchObject({ kind: 'failed' })
  })

  it('is followed within its host', async () => {
    auth.behave.answers.set(`${METADATA}/api/mcp`, { status: 301, headers: { location: '/named' } })
    auth.behave.answers.set('/named', {
      status: 200,
      body: JSON.stringify({ resource: auth.url.href, authorization_servers: [auth.issuer] }),
    })
    await token(await challenge(undefined))
  })

  it('is bounded', async () => {
    auth.behave.answers.set(`${METADATA}/api/mcp`, { status: 200, body: `{"pad":"${'x'.repeat(300_000)}"}` })
    expect(await challenge(undefined)).toMatchObject({
      kind: 'failed',
      message: 'An answer exceeded 256 KiB.',
    })
  })
})

describe('the authorization server metadata', () => {
  it.each([
    ['another issuer', 'https://evil.example'],
    ['its issuer with a slash more', 'SLASH'],
  ])('with %s ends the login', async (_name, issuer) => {
    auth.behave.issuer = issuer === 'SLASH' ? `${auth.issuer}/` : issuer
    expect(await challenge(undefined)).toMatchObject({
      kind: 'failed',
      message: `The metadata of the authorization server ${auth.issuer} names another issuer.`,
    })
    expect(auth.of('/auth/register')).toHaveLength(0)
  })

  it('is looked for as RFC 8414 and then as OpenID say', async () => {
    auth.behave.issuerPath = '/nowhere'
    const hidden = '/.well-known/oauth-authorization-server/nowhere'
    auth.behave.answers.set(hidden, { status: 404 })
    expect(await challenge(undefined)).toMatchObject({ kind: 'failed' })
    expect(wellKnown().slice(1)).toEqual([hidden, '/.well-known/openid-configuration/nowhere'])
    expect(auth.requests.at(-1)?.path).toBe('/nowhere/.well-known/openid-configuration')
  })

  it.each([[undefined], [[]], [['plain']]])('with PKCE methods %j ends the login', async (methods) => {
    auth.behave.metadata = { code_challenge_methods_supported: methods }
    expect(await challenge(undefined)).toMatchObject({
      kind: 'failed',
      message: `${auth.issuer} does not say that it checks PKCE with S256.`,
    })
    expect(auth.of('/auth/register')).toHaveLength(0)
  })

  it.each(['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint'])(
    'with an unsafe %s ends the login before anything is sent there',
    async (field) => {
      auth.behave.metadata = { [field]: 'http://evil.example/x' }
      expect(await challenge(undefined)).toMatchObject({
        kind: 'failed',
        message: `The server's ${field} is not an address that is safe to use.`,
      })
      expect(person.tabs).toHaveLength(0)
    },
  )
})

describe('the challenge', () => {
  it.each([
    [
      'Bearer scope="a b", resource_metadata="https://x.example/m"',
      { scope: 'a b', resourceMetadata: 'https://x.example/m' },
    ],
    ['bearer scope=a', { scope: 'a' }],
    ['Bearer error="insufficient_scope", scope="a \\"b\\""', { error: 'insufficient_scope', scope: 'a "b"' }],
    ['Basic realm="x", Bearer scope="a"', { scope: 'a' }],
    ['Bearer realm="a, b", scope="c"', { scope: 'c' }],
    ['Basic realm="x"', {}],
    ['Bearer', {}],
    [undefined, {}],
    ['Bearer scope="unfinished', {}],
  ])('%s is read', (header, read) => {
    expect(parseChallenge(header)).toEqual(read)
  })
})

describe('an address that a server names', () => {
  const at = (server: string) => new URL(server)

  it.each(['https://as.example/authorize', 'https://as.example:8443/a?b=c'])('%s is used', (address) => {
    expect(safeUrl(address, 'field', at('https://crm.example')).href).toBe(address)
  })

  it('on this machine is used where the MCP server is on this machine', () => {
    expect(safeUrl('http://127.0.0.1:9/a', 'field', at('http://localhost:3001')).href).toBe(
      'http://127.0.0.1:9/a',
    )
    expect(() => safeUrl('http://127.0.0.1:9/a', 'field', at('https://crm.example'))).toThrow(
      'not an address',
    )
  })

  it.each([
    'http://as.example/authorize',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'https:as.example',
    'https://user:secret@as.example/',
    'https://as.example/#fragment',
    ' https://as.example/',
    'https://as.example/\n--flag',
    'https://as.exämple/',
    '--flag',
    '//as.example/',
    '\\\\server\\share',
    '',
    42,
    null,
  ])('%j is not', (address) => {
    expect(() => safeUrl(address, 'field', at('https://crm.example'))).toThrow(
      "The server's field is not an address that is safe to use.",
    )
  })
})

it('PKCE is found among several methods', () => {
  const server = { code_challenge_methods_supported: ['plain', 'S256'] } as unknown as ServerMetadata
  expect(() => requirePkce(server)).not.toThrow()
})
