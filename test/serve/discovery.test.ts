import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { metadataPlaces } from '../../src/serve/discovery.js'
import { foreignKeys, remoteKeys } from '../../src/serve/remote-keys.js'
import { type Listening, listen } from '../helpers/http.js'
import { createSigner, type Signer } from '../helpers/tokens.js'

let server: Listening
let elsewhere: Listening
let signer: Signer
let pages: Record<string, RequestListener>
let asked: string[]
let askedElsewhere: string[]

const json =
  (value: unknown, type = 'application/json'): RequestListener =>
  (_req, res) =>
    void res.writeHead(200, { 'content-type': type }).end(JSON.stringify(value))
const redirect =
  (location: string): RequestListener =>
  (_req, res) =>
    void res.writeHead(302, { location }).end()
const nothing: RequestListener = (_req, res) => void res.writeHead(404).end('<h1>Not here</h1>')

const keySet = () => json({ keys: [{ ...signer.publicJwk, kid: signer.kid }] }, 'application/jwk-set+json')

beforeAll(async () => {
  signer = await createSigner('ES256')
  server = await listen((req, res) => {
    asked.push(req.url ?? '')
    const answer = pages[req.url ?? ''] ?? nothing
    answer(req, res)
  })
  elsewhere = await listen((req, res) => {
    askedElsewhere.push(req.url ?? '')
    keySet()(req, res)
  })
})
afterAll(() => Promise.all([server.close(), elsewhere.close()]))
beforeEach(() => {
  asked = []
  askedElsewhere = []
  pages = { '/keys': keySet() }
})

const issuer = () => `${server.origin}/realms/acme`
const metadata = (changed: Record<string, unknown> = {}) =>
  json({ issuer: issuer(), jwks_uri: `${server.origin}/keys`, ...changed })
const find = (of = issuer()) =>
  remoteKeys(foreignKeys(of), { log: createLog('silent') }).find({ kid: signer.kid, alg: 'ES256' })

const PLACES = [
  '/.well-known/oauth-authorization-server/realms/acme',
  '/.well-known/openid-configuration/realms/acme',
  '/realms/acme/.well-known/openid-configuration',
]

describe('where metadata is looked for', () => {
  test.each([
    ['https://id.example/realms/acme', PLACES],
    ['https://id.example/realms/acme/', PLACES],
    ['https://id.example/', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
    ['https://id.example', ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']],
  ])('of %s: in the order of the specification', (of, places) => {
    expect(metadataPlaces(of)).toEqual(places.map((place) => `https://id.example${place}`))
  })

  test.each(PLACES.map((place, index) => [place, index + 1] as const))(
    '%s is found as place %i, and then the keys are read',
    async (place, places) => {
      pages[place] = metadata()
      expect(await find()).toBeDefined()
      expect(asked).toEqual([...PLACES.slice(0, places), '/keys'])
    },
  )

  const passedOver: [string, RequestListener][] = [
    ['answers 404', nothing],
    ['answers 503', (_req, res) => void res.writeHead(503).end()],
    ['answers HTML', (_req, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('{}')],
    ['answers no object', json(null)],
    ['redirects to a sign-in page', redirect('/login')],
  ]
  test.each(passedOver)('a place that %s is passed over', async (_name, answer) => {
    pages[PLACES[0] ?? ''] = answer
    pages[PLACES[1] ?? ''] = metadata()
    expect(await find()).toBeDefined()
    expect(asked).toEqual([...PLACES.slice(0, 2), '/keys'])
  })
})

describe('what is refused', () => {
  const refusal = (of?: string) =>
    find(of).then(
      () => undefined,
      (error) => error.cause.message as string,
    )

  test.each([
    ['another issuer', () => 'https://id.example'],
    ['the same issuer with a slash', () => `${issuer()}/`],
    ['the same issuer by another name', () => issuer().replace('127.0.0.1', 'localhost')],
    ['an issuer that is no text', () => [issuer()]],
    ['no issuer', () => undefined],
  ])('metadata that names %s', async (_name, named) => {
    pages[PLACES[0] ?? ''] = metadata({ issuer: named() })
    pages[PLACES[1] ?? ''] = metadata()
    expect(await refusal()).toContain(`The metadata of ${issuer()} names another issuer`)
    expect(asked).toEqual([PLACES[0]])
  })

  test.each([
    ['http to another machine', 'http://id.example/keys'],
    ['a name that only begins like this computer', 'http://localhost.example/keys'],
    ['a file', 'file:///etc/passwd'],
    ['data', 'data:application/json,{"keys":[]}'],
    ['somebody’s password', 'https://ada:secret@id.example/keys'],
    ['no URL', '/keys'],
    ['a list', ['https://id.example/keys']],
    ['nothing', undefined],
  ])('a jwks_uri with %s', async (_name, jwks_uri) => {
    pages[PLACES[0] ?? ''] = metadata({ jwks_uri })
    expect(await refusal()).toBe(`The metadata of ${issuer()} names no jwks_uri with https.`)
    expect(asked).toEqual([PLACES[0]])
  })

  test('metadata that redirects to another origin', async () => {
    for (const place of PLACES) pages[place] = redirect(`${elsewhere.origin}${place}`)
    expect(await refusal()).toBe(`${issuer()} publishes no metadata.`)
    expect(askedElsewhere).toEqual([])
  })

  test('a key set that redirects to another origin', async () => {
    pages[PLACES[0] ?? ''] = metadata()
    pages['/keys'] = redirect(`${elsewhere.origin}/keys`)
    expect(await refusal()).toBe(`${server.origin}/keys answers with 302.`)
    expect(askedElsewhere).toEqual([])
  })

  test('metadata of more than 64 KiB', async () => {
    for (const place of PLACES) pages[place] = metadata({ padding: 'x'.repeat(70_000) })
    expect(await refusal()).toBe(`${issuer()} publishes no metadata.`)
  })

  test('an issuer without metadata', async () => {
    expect(await refusal()).toBe(`${issuer()} publishes no metadata.`)
    expect(asked).toEqual(PLACES)
  })
})

test('keys may be on another origin, when the metadata itself says so', async () => {
  pages[PLACES[0] ?? ''] = metadata({ jwks_uri: `${elsewhere.origin}/keys` })
  expect(await find()).toBeDefined()
  expect(askedElsewhere).toEqual(['/keys'])
})

test('says what is wrong and which variable to check', async () => {
  await expect(find()).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: `The signing keys of ${issuer()} cannot be read.`,
    fix: 'check that the authorization server runs, and OAUTH_ISSUER',
  })
})
