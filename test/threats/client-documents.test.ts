/**
 * T33 (requests that a stranger makes this server send) of the threat table, against the built program with a
 * resolver that tells what the attacker's would, and a witness of every connection it opens. What a fetch may
 * bring back: test/auth/client-document.test.ts.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createBrowser } from '../helpers/browser.js'
import { authorizeUrl, newVerifier } from '../helpers/oauth.js'
import { type Serving, startServing } from '../helpers/serving.js'
import { ROOT } from '../helpers/sources.js'

/** What the attacker's name server says. */
const NAMES: Record<string, string[][]> = {
  'loopback.example': [['127.0.0.1']],
  'loopback6.example': [['::1']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'mapped-hex.example': [['::ffff:7f00:1']],
  'compatible.example': [['::7f00:1']],
  'translated.example': [['64:ff9b::7f00:1']],
  'translated-here.example': [['64:ff9b:1::7f00:1']],
  '6to4.example': [['2002:7f00:1::']],
  'teredo.example': [['2001:0:7f00:1::']],
  'metadata.example': [['169.254.169.254']],
  'metadata6.example': [['fd00:ec2::254']],
  'private10.example': [['10.0.0.1']],
  'private172.example': [['172.16.0.1']],
  'private192.example': [['192.168.0.1']],
  'shared.example': [['100.64.0.1']],
  'zero.example': [['0.0.0.0']],
  'zero6.example': [['::']],
  'broadcast.example': [['255.255.255.255']],
  'multicast.example': [['224.0.0.1']],
  'benchmark.example': [['198.18.0.1']],
  'link-local.example': [['fe80::1']],
  'site-local.example': [['fec0::1']],
  'unique-local.example': [['fc00::1']],
  'half-public.example': [['8.8.8.8', '127.0.0.1']],
  'half-private.example': [['127.0.0.1', '8.8.8.8']],
  'empty.example': [[]],
}
/** Public when it is asked for first, this computer ever after. */
const REBOUND = 'rebound.example'
/** Stands for the internet; the witness makes no connection. */
const PUBLIC = '8.8.8.8'

const WRITTEN = [
  ...[
    'https://127.0.0.1/c.json',
    'https://[::1]/c.json',
    'https://[::ffff:127.0.0.1]/c.json',
    'https://0/c.json',
  ],
  ...[
    'https://2130706433/c.json',
    'https://0x7f000001/c.json',
    'https://0177.0.0.1/c.json',
    'https://127.1/c.json',
  ],
  ...['https://169.254.169.254/latest/meta-data', 'https://localhost/c.json', 'https://localhost./c.json'],
  ...[
    'http://loopback.example/c.json',
    'https://loopback.example:22/c.json',
    'https://a@loopback.example/c.json',
  ],
  ...[
    'https://loopback.example./c.json',
    'https://loopback.example',
    'file:///etc/passwd',
    'gopher://127.0.0.1/x',
  ],
  ...['https://LOOPBACK.example/c.json', 'https://loopback.example/a/../c.json', 'https://intranet/c.json'],
]

let serving: Serving
const notes = join(tmpdir(), `zuko-witness-${process.pid}`)
beforeAll(async () => {
  writeFileSync(notes, '')
  serving = await startServing({
    env: {
      CLIENT_METADATA_DOCUMENTS: 'on',
      TRUST_PROXY: '1',
      NODE_OPTIONS: `--import ${pathToFileURL(join(ROOT, 'test', 'helpers', 'witness.mjs')).href}`,
      WITNESS: notes,
      WITNESS_NAMES: JSON.stringify({ ...NAMES, [REBOUND]: [[PUBLIC], ['127.0.0.1']] }),
    },
  })
})
afterAll(async () => {
  await serving.stop()
  rmSync(notes)
})

type Note = { resolved?: string; connecting?: { host: string; port: number; address: string } }
const seen = (): Note[] =>
  readFileSync(notes, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
const connections = () => seen().flatMap(({ connecting }) => connecting ?? [])

const open = (clientId: string) =>
  createBrowser(undefined, { 'x-forwarded-for': '10.3.0.1' }).open(
    authorizeUrl({ base: serving.base, clientId }, newVerifier()),
  )
const plain = (body: string) => body.replace(/<code>[^<]*<\/code>/g, '')

describe('a client id that leads inside opens no connection', () => {
  const urls = [...WRITTEN, ...Object.keys(NAMES).map((host) => `https://${host}/c.json`)]

  test.each(urls)('%s', async (clientId) => {
    const answer = await open(clientId)
    expect([answer.status, answer.left]).toEqual([400, undefined])
    expect(connections()).toEqual([])
  })

  test('and all of them get the same page as a client that nobody knows', async () => {
    const unknown = plain((await open('nobody')).body)
    for (const clientId of [
      'https://metadata.example/other.json',
      'https://gone.example/c.json',
      WRITTEN[0] ?? '',
    ])
      expect(plain((await open(clientId)).body)).toBe(unknown)
  })
})

test('a name that is rebound is asked for once, and connected to at the address that was checked', async () => {
  await open(`https://${REBOUND}/c.json`)
  expect(seen().filter(({ resolved }) => resolved === REBOUND)).toHaveLength(1)
  expect(connections()).toEqual([{ host: REBOUND, port: 443, address: PUBLIC }])
})
