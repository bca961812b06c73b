/**
 * T1–T5, T8 and T10 of the threat table against the built program: a wrong token gets one and the same answer,
 * nothing that it points at is fetched, and it is written down nowhere. The rules one by one, with a key of the
 * test's own: test/serve/forged-token.test.ts.
 */
import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../helpers/http.js'
import { freePort, program } from '../helpers/program.js'
import { type Serving, startServing } from '../helpers/serving.js'

let serving: Serving
let good: string
let lure: { connections: number; port: number; close(): void }
const { privateKey } = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

beforeAll(async () => {
  const port = await freePort()
  const server = createServer((socket) => {
    lure.connections += 1
    socket.destroy()
  }).listen(port, '127.0.0.1')
  lure = { connections: 0, port, close: () => void server.close() }
  serving = await startServing()
  good = await program(serving.home, serving.env).succeed(['admin', 'token', '--as', 'ada@example.com'])
})
afterAll(async () => {
  lure.close()
  await serving.stop()
})

type Json = Record<string, unknown>
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decoded = (part: number): Json =>
  JSON.parse(Buffer.from(good.split('.')[part] ?? '', 'base64url').toString())
const claims = (more: Json = {}): string => encode({ ...decoded(1), ...more })
const header = (more: Json = {}): string => encode({ ...decoded(0), ...more })

function signed(head: string, body: string, key: KeyObject = privateKey, hash: string | null = null): string {
  const signature = signBytes(hash, Buffer.from(`${head}.${body}`), key).toString('base64url')
  return `${head}.${body}.${signature}`
}
const keyed = (alg: string, secret: string): string => {
  const input = `${header({ alg })}.${claims()}`
  return `${input}.${createHmac(`sha${alg.slice(2)}`, secret)
    .update(input)
    .digest('base64url')}`
}
/** A forged header that points somewhere, under our own key id and under one that nobody knows. */
const pointing = (more: Json): string[] => [
  signed(header(more), claims()),
  signed(header({ ...more, kid: 'unknown' }), claims()),
]
const publicKeys = async () =>
  (
    await send(serving.port, {
      method: 'GET',
      path: '/auth/jwks',
      headers: { host: new URL(serving.base).host },
    })
  ).json()

async function forgeries(): Promise<string[]> {
  const { keys } = await publicKeys()
  const [jwk] = keys
  const [head = '', body = '', signature = ''] = good.split('.')
  const at = (path: string) => `http://127.0.0.1:${lure.port}/${path}`
  const now = Math.floor(Date.now() / 1000)
  const algorithms = [
    'none',
    'None',
    'NONE',
    'nOnE',
    '',
    'HS256',
    'RS256',
    'ES256',
    'PS256',
    'Ed25519',
    'ES512',
    'dir',
  ]
  const changes: Json[] = [
    ...[{ scope: 'organizations:read tasks:read tasks:write admin' }, { sub: '2' }, { exp: now + 1e9 }],
    ...[
      { aud: 'x' },
      { aud: [serving.base] },
      { iss: 'https://evil.example' },
      { client_id: 'x' },
      { jti: 'x' },
    ],
    ...[
      { sub: 1 },
      { sub: null },
      { sub: '0' },
      { sub: '-1' },
      { exp: 'x' },
      { iat: now + 600 },
      { nbf: now + 600 },
    ],
  ]
  const kids = [
    '',
    ' ',
    "' OR 1=1 --",
    '../../etc/passwd',
    '/dev/null',
    'a\u0000b',
    '__proto__',
    'constructor',
    'x'.repeat(5000),
  ]
  return [
    ...algorithms.map((alg) => `${header({ alg })}.${body}.`),
    ...algorithms.map((alg) => `${header({ alg })}.${body}.${signature}`),
    ...['HS256', 'HS384', 'HS512'].flatMap((alg) => [
      keyed(alg, ''),
      keyed(alg, JSON.stringify(jwk)),
      keyed(alg, jwk.x),
    ]),
    signed(header({ alg: 'RS256' }), body, rsa, 'sha256'),
    signed(header({ alg: 'ES256' }), body, ec, 'sha256'),
    ...changes.map((change) => `${head}.${claims(change)}.${signature}`),
    ...changes.map((change) => signed(head, claims(change))),
    ...kids.map((kid) => signed(header({ kid }), body)),
    ...['jku', 'x5u', 'jwks_uri', 'jwk_url', 'url', 'iss'].flatMap((name) => pointing({ [name]: at(name) })),
    ...pointing({ jwk: { ...jwk, kid: undefined } }),
    ...pointing({ x5c: ['MIIB'] }),
    ...pointing({ crit: ['exp'], exp: now + 600 }),
    signed(head, claims({ iss: at('auth') })),
    ...['at+JWT', 'JWT', 'application/at+jwt', ''].map((typ) => signed(header({ typ }), body)),
    ...[
      '',
      'x',
      'null',
      'undefined',
      '.',
      '..',
      '...',
      'e30.e30.',
      'e30.e30.e30',
      good.slice(0, -2),
      `${good}A`,
      `${good}.x`,
    ],
    ...[`${head}..${signature}`, `.${body}.${signature}`, `${head}.${body}`, `${body}.${head}.${signature}`],
    ...[
      good.toLowerCase(),
      good.replaceAll('.', ' '),
      `${good}=`,
      `${good}%00`,
      'x'.repeat(9000),
      `${good} ${good}`,
    ],
    ...['JSON', 'eyJhbGciOiJub25lIn0', `"${good}"`, `${good},${good}`, `Bearer ${good}`],
  ]
}

const ask = (authorization: string) =>
  send(serving.port, {
    headers: { host: new URL(serving.base).host, 'content-type': 'application/json', authorization },
    body: JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/list' }),
  })

/** Everything of an answer that a guesser could learn from. */
const whole = ({ status, headers, text }: Awaited<ReturnType<typeof send>>) => {
  const { date: _, 'x-request-id': __, ...rest } = headers
  return { status, headers: rest, text }
}

test('every forgery gets the same refusal: status, headers and body', async () => {
  const first = whole(await ask('Bearer nonsense'))
  expect(first.status).toBe(401)
  const all = await forgeries()
  expect(new Set(all).size).toBeGreaterThan(100)
  const different: unknown[] = []
  for (const token of all) {
    const answer = whole(await ask(`Bearer ${token}`))
    if (JSON.stringify(answer) !== JSON.stringify(first)) different.push([token.slice(0, 200), answer])
  }
  expect(different).toEqual([])
})

test('nothing that a token points at is fetched', () => {
  expect(lure.connections).toBe(0)
})

test('the good token still works', async () => {
  expect((await ask(`Bearer ${good}`)).status).toBe(200)
})

describe('an Authorization header', () => {
  test.each(['', 'Bearer', 'Basic YTpi', 'Token x', 'Bearerx', 'DPoP x'])(
    '%j counts as no token or a wrong one',
    async (value) => {
      expect((await ask(value)).status).toBe(401)
    },
  )

  test('of 20 KiB is not read', async () => {
    expect((await ask(`Bearer ${'x'.repeat(20_000)}`)).status).toBe(431)
  })
})

test('no token that came is kept: not in the log, not beside the store', () => {
  const [, , signature = ''] = good.split('.')
  const files = readdirSync(serving.home).map((name) => readFileSync(join(serving.home, name), 'latin1'))
  expect(files.length).toBeGreaterThan(0)
  for (const text of [serving.logged(), ...files]) expect(text.includes(signature)).toBe(false)
})
