/** An authorization request made ready, rule by rule. The attacks: test/threats/authorization.test.ts. */
import { describe, expect, test } from 'vitest'
import { hasControls, prepareAuthorization } from '../../src/auth/authorization.js'

const RESOURCE = 'https://crm.example/api/mcp'
const BACK = 'https://client.example.com/cb'
const ALL = 'organizations:read tasks:read tasks:write offline_access'

const prepare = (pairs: Record<string, string | string[]> = {}) => {
  const list = Object.entries({ redirect_uri: BACK, ...pairs })
  const query = new URLSearchParams(
    list.flatMap(([name, value]) => [value].flat().map((one) => [name, one] as [string, string])),
  )
  return prepareAuthorization(query, RESOURCE)
}
const prepared = (pairs: Record<string, string | string[]> = {}): Record<string, unknown> => {
  const outcome = prepare(pairs)
  if (typeof outcome === 'string') throw new Error(outcome)
  return { silent: outcome.silent, ...Object.fromEntries(outcome.query) }
}

describe('a request', () => {
  test('that names nothing asks for everything, for our resource, and of the person', () => {
    expect(prepared()).toEqual({
      silent: false,
      redirect_uri: BACK,
      resource: RESOURCE,
      scope: ALL,
      prompt: 'consent',
    })
  })

  test('goes on with the parameters that we know and no other', () => {
    const known = {
      ...{ response_type: 'code', response_mode: 'query', client_id: 'c', state: 's', nonce: 'n' },
      ...{ code_challenge: 'x', code_challenge_method: 'S256', max_age: '0' },
    }
    const unknown = { login_hint: 'ada', request: 'jwt', request_uri: 'x', claims: '{}', id_token_hint: 'x' }
    expect(prepared({ ...known, ...unknown })).toEqual({ ...prepared(), ...known })
  })

  test('keeps the scopes that we know, each once', () => {
    expect(prepared({ scope: 'tasks:read openid tasks:read' }).scope).toBe('tasks:read offline_access')
    expect(prepared({ scope: 'openid' }).scope).toBe(ALL)
  })
})

describe('a prompt', () => {
  test.each([
    ['none', 'consent', true],
    ['login', 'login consent', false],
    ['select_account login', 'login consent', false],
    ['select_account', 'consent', false],
    ['none login', 'login consent', true],
  ])('of %j always asks the person', (prompt, asked, silent) => {
    expect(prepared({ prompt })).toMatchObject({ prompt: asked, silent })
  })
})

describe('a resource', () => {
  test.each([[`${RESOURCE}/`], [[RESOURCE, `${RESOURCE}/`]]])('%j is ours', (resource) => {
    expect(prepared({ resource }).resource).toBe(RESOURCE)
  })

  test('of somebody else goes on as it is, to be refused', () => {
    expect(prepared({ resource: 'https://other.example/' }).resource).toBe('https://other.example/')
  })

  test('is one', () => {
    expect(prepare({ resource: [RESOURCE, 'https://other.example'] })).toBe(
      'The request names more than one resource.',
    )
  })
})

const SINGLE = [
  ...['response_type', 'response_mode', 'client_id', 'redirect_uri', 'scope', 'state', 'code_challenge'],
  ...['code_challenge_method', 'nonce', 'prompt', 'max_age'],
]
describe('a parameter', () => {
  test.each(SINGLE)('%s comes once', (name) => {
    expect(prepare({ [name]: [BACK, BACK] })).toBe(`The parameter ${name} is there more than once.`)
  })

  test.each([...SINGLE, 'resource'])('%s has 2048 characters at most', (name) => {
    expect(prepare({ [name]: 'x'.repeat(2049) })).toBe(`The parameter ${name} is too long.`)
  })

  test('of 2048 characters is read', () => {
    expect(prepared({ state: 'x'.repeat(2048) }).state).toHaveLength(2048)
  })

  test('has no control character', () => {
    expect(prepare({ state: 'a\u0000b' })).toBe('A parameter of the request has a control character.')
    expect(hasControls(new URLSearchParams({ 'a\n': 'b' }))).toBe(true)
    expect(hasControls(new URLSearchParams({ a: 'b' }))).toBe(false)
  })

  test.each([['https://evil.example/#'], ['']])(
    'redirect_uri %j is refused before anything is sent there',
    (uri) => {
      expect(prepare({ redirect_uri: uri })).toMatch(/^The request cannot be answered: a redirect URI .*\.$/)
    },
  )

  test('redirect_uri has to be there', () => {
    expect(prepareAuthorization(new URLSearchParams(), RESOURCE)).toBe(
      'The request cannot be answered: a redirect URI is not an absolute URI.',
    )
  })
})
