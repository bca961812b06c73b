import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../src/log.js'
import { keysApart, remoteKeys } from '../../src/serve/remote-keys.js'
import { type Listening, listen } from '../helpers/http.js'
import { createSigner, type Signer } from '../helpers/tokens.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let first: Signer
let second: Signer
let server: Listening
let answer: RequestListener
let fetches = 0
let now = 0

const publish =
  (...signers: Signer[]): RequestListener =>
  (_req, res) => {
    res.setHeader('content-type', 'application/jwk-set+json')
    res.end(JSON.stringify({ keys: signers.map(({ publicJwk, kid }) => ({ ...publicJwk, kid })) }))
  }

beforeAll(async () => {
  first = await createSigner()
  second = await createSigner()
  server = await listen((req, res) => {
    fetches++
    answer(req, res)
  })
})
afterAll(() => server.close())
beforeEach(() => {
  fetches = 0
  now = 0
  answer = publish(first)
})

const log = createLog('silent')
const open = () => remoteKeys(keysApart(server.origin), { log, now: () => now })
const of = ({ kid, alg }: Signer) => ({ kid, alg })
const unknown = (kid = 'unknown') => ({ kid, alg: 'EdDSA' })

describe('a healthy authorization server', () => {
  test('is asked once for many calls', async () => {
    const keys = open()
    const found = await Promise.all(Array.from({ length: 50 }, () => keys.find(of(first))))
    expect(found.every((key) => key?.type === 'public')).toBe(true)
    expect(fetches).toBe(1)
  })

  test('is asked three times at once and then every ten seconds, whatever kids come', async () => {
    const keys = open()
    await keys.find(of(first))
    for (let index = 0; index < 1000; index++)
      expect(await keys.find(unknown(`kid-${index}`))).toBeUndefined()
    expect(fetches).toBe(4)
    now += 9_000
    await keys.find(unknown())
    expect(fetches).toBe(4)
    now += 1_000
    await Promise.all(Array.from({ length: 100 }, (_, index) => keys.find(unknown(`kid-${index}`))))
    expect(fetches).toBe(5)
  })

  test('may add a key, which is found at once', async () => {
    const keys = open()
    await keys.find(of(first))
    answer = publish(first, second)
    expect(await keys.find(of(second))).toBeDefined()
    expect(await keys.find(of(first))).toBeDefined()
  })

  test('may add a key while it is being asked, which is found all the same', async () => {
    const keys = open()
    let answerFirst = () => {}
    const asked = new Promise<void>((resolve) => {
      answer = (req, res) => {
        answerFirst = () => publish(first)(req, res)
        resolve()
      }
    })
    const early = keys.find(of(first))
    await asked
    answer = publish(first, second)
    const late = keys.find(of(second))
    answerFirst()
    expect(await early).toBeDefined()
    expect(await late).toBeDefined()
  })

  test('is asked by whoever asks whether there are keys, once', async () => {
    const keys = open()
    expect([await keys.ready(), await keys.ready()]).toEqual([true, true])
    expect(await keys.find(of(first))).toBeDefined()
    expect(fetches).toBe(1)
  })

  test('is asked again in the background after ten minutes, so that a removed key ends', async () => {
    const keys = open()
    await keys.find(of(first))
    answer = publish(second)
    now += 10 * MINUTE
    expect(await keys.find(of(first))).toBeDefined()
    await expect.poll(() => keys.find(of(second))).toBeDefined()
    expect(fetches).toBe(2)
    expect(await keys.find(of(first))).toBeUndefined()
  })

  test('lends each key to its own algorithm only', async () => {
    const rsa = await createSigner('RS256')
    answer = publish(rsa)
    const keys = open()
    expect(await keys.find({ kid: rsa.kid, alg: 'RS256' })).toBeDefined()
    expect(await keys.find({ kid: rsa.kid, alg: 'PS256' })).toBeUndefined()
  })

  test('may publish keys for encryption, which verify nothing', async () => {
    answer = (_req, res) => {
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify({ keys: [{ ...first.publicJwk, kid: first.kid, use: 'enc' }] }))
    }
    expect(await open().find(of(first))).toBeUndefined()
  })
})

describe('an authorization server in trouble', () => {
  const jwks = () => JSON.stringify({ keys: [{ ...first.publicJwk, kid: first.kid }] })
  const troubles: [string, RequestListener][] = [
    ['resets the connection', (req) => req.socket.destroy()],
    [
      'answers 500',
      (_req, res) => void res.writeHead(500, { 'content-type': 'application/json' }).end(jwks()),
    ],
    ['answers HTML', (_req, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end(jwks())],
    [
      'answers no JSON',
      (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('<'),
    ],
    [
      'answers no keys',
      (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    ],
    [
      'never ends its answer',
      (_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).write('{'),
    ],
    [
      'answers 5 MB',
      (_req, res) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end(`{"padding":"${'x'.repeat(5_000_000)}",${jwks().slice(1)}`)
      },
    ],
    [
      'redirects',
      (req, res) => {
        if (req.url === '/elsewhere') return publish(first)(req, res)
        res.writeHead(302, { location: '/elsewhere' }).end()
      },
    ],
  ]

  test.each(troubles)(
    'that %s is unavailable at first, which is not the token’s fault',
    async (_name, trouble) => {
      answer = trouble
      const keys = open()
      await expect(keys.find(of(first))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      expect(await keys.ready()).toBe(false)
      expect(fetches).toBe(1)
    },
  )

  test.each(troubles)('that %s later leaves known keys good for 24 hours', async (_name, trouble) => {
    const keys = open()
    await keys.find(of(first))
    answer = trouble
    now += 23 * HOUR
    expect(await keys.find(of(first))).toBeDefined()
    await expect(keys.find(unknown())).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await keys.ready()).toBe(true)
    now += HOUR
    expect(await keys.ready()).toBe(false)
    await expect(keys.find(of(first))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('is asked once per second while there are no keys at all', async () => {
    answer = (req) => req.socket.destroy()
    const keys = open()
    for (let index = 0; index < 20; index++) await keys.find(of(first)).catch(() => {})
    expect(fetches).toBe(1)
    now += 1_000
    answer = publish(first)
    expect(await keys.find(of(first))).toBeDefined()
  })

  test('is named with its variable by whoever needed its keys', async () => {
    answer = (_req, res) => void res.writeHead(404).end()
    await expect(open().find(of(first))).rejects.toMatchObject({
      message: `The signing keys of ${server.origin} cannot be read.`,
      fix: 'check that the authorization server runs, and BETTER_AUTH_URL',
      cause: { message: `${server.origin}/auth/jwks answers with 404.` },
    })
  })
})
