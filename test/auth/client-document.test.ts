import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import selfsigned from 'selfsigned'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isDocumentUrl } from '../../src/auth/client-document.js'
import { createDocumentFetch, isPublicAddress } from '../../src/auth/document-fetch.js'
import { createBrowser } from '../helpers/browser.js'
import { authorizeUrl, CALLBACK, logIn, newVerifier } from '../helpers/oauth.js'
import { PASSWORD, type Served, serveAll, twoPeople } from '../helpers/serve.js'

const CLIENT = 'https://client.example.com/oauth/client.json'
const DOCUMENT = { client_id: CLIENT, client_name: 'Document client', redirect_uris: [CALLBACK] }

describe('a client known by its metadata document', () => {
  let served: Served
  let fetched: string[] = []
  let documents: Record<string, unknown> = {}
  let time = Date.now()
  beforeAll(async () => {
    const fetchDocument = async (url: URL) => {
      fetched.push(url.href)
      if (!(url.href in documents)) throw new Error('not there')
      return documents[url.href]
    }
    served = await serveAll({ fetchDocument, now: () => new Date(time) })
    await twoPeople(served)
  })
  afterAll(() => served.close())

  const login = (clientId: string) => ({
    base: served.base,
    clientId,
    email: 'ada@example.com',
    password: PASSWORD,
  })
  const open = (clientId: string) => createBrowser().open(authorizeUrl(login(clientId), newVerifier()))

  test('logs in without registering, and its document is read once', async () => {
    documents = { [CLIENT]: DOCUMENT }
    fetched = []
    await logIn(login(CLIENT))
    await logIn(login(CLIENT))
    expect(fetched).toEqual([CLIENT])
  })

  test('the metadata says that documents are read', async () => {
    const answer = await createBrowser().send(`${served.base}/.well-known/oauth-authorization-server/auth`)
    expect(JSON.parse(answer.body).client_id_metadata_document_supported).toBe(true)
  })

  test('goes on with what was read before while its document cannot be had', async () => {
    documents = {}
    time += 25 * 3600 * 1000
    expect((await open(CLIENT)).body).toContain('name="password"')
  })

  test('takes a changed document after a day', async () => {
    documents = { [CLIENT]: { ...DOCUMENT, redirect_uris: ['http://127.0.0.1:7777/other'] } }
    time += 61_000
    expect((await open(CLIENT)).status).toBe(400)
  })

  test.each([
    ['names another client', { client_id: 'https://client.example.com/other.json' }],
    ['has no redirect URI', { redirect_uris: [] }],
    ['has a redirect URI that nobody may register', { redirect_uris: ['javascript:alert(1)'] }],
    ['wants a secret', { token_endpoint_auth_method: 'client_secret_post' }],
    ['is no object', null],
  ])('is refused when its document %s', async (name, change) => {
    const clientId = `https://client.example.com/${encodeURIComponent(name)}.json`
    documents = { [clientId]: change && { ...DOCUMENT, client_id: clientId, ...change } }
    const answer = await open(clientId)
    expect([answer.status, answer.left]).toEqual([400, undefined])
  })

  test('a document that failed is not asked for again within a minute', async () => {
    documents = {}
    fetched = []
    const clientId = 'https://client.example.com/missing.json'
    for (let index = 0; index < 5; index += 1) await open(clientId)
    expect(fetched).toEqual([clientId])
  })

  test('a flood of made-up clients on one host is fetched ten times a minute at most', async () => {
    fetched = []
    for (let index = 0; index < 25; index += 1) await open(`https://flood.example.com/${index}.json`)
    expect(fetched).toHaveLength(10)
  })
})

test.each([
  'http://client.example.com/a',
  'https://client.example.com',
  'https://client.example.com/',
  'https://client.example.com:8443/a',
  'https://user@client.example.com/a',
  'https://client.example.com/a#b',
  'https://client.example.com/a/../b',
  'https://CLIENT.example.com/a',
  'client-id',
])('%s is no client document', (clientId) => {
  expect(isDocumentUrl(clientId)).toBe(false)
})

const PRIVATE = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '192.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  '2001::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'ff02::1',
  '2001:db8::1',
  'not an address',
]

test.each(PRIVATE)('refuses to connect to %s', async (address) => {
  expect(isPublicAddress(address)).toBe(false)
  const fetchDocument = createDocumentFetch({ resolve: async () => [address], allowed: isPublicAddress })
  await expect(fetchDocument(new URL('https://client.example.com/a'))).rejects.toThrow('not a public address')
})

test.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111'])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

test('refuses a name of which one address is not public', async () => {
  const fetchDocument = createDocumentFetch({
    resolve: async () => ['8.8.8.8', '127.0.0.1'],
    allowed: isPublicAddress,
  })
  await expect(fetchDocument(new URL('https://client.example.com/a'))).rejects.toThrow('not a public address')
})

test.each([
  'https://127.0.0.1/a',
  'https://[::1]/a',
  'https://0x7f000001/a',
  'https://localhost/a',
  'http://client.example.com/a',
])('resolves nothing for %s', async (url) => {
  const resolved: string[] = []
  const fetchDocument = createDocumentFetch({
    resolve: async (host) => {
      resolved.push(host)
      return ['8.8.8.8']
    },
    allowed: isPublicAddress,
  })
  await expect(fetchDocument(new URL(url))).rejects.toThrow('not an https URL of a named host')
  expect(resolved).toEqual([])
})

describe('over a real TLS connection', () => {
  const answers: Record<string, { status?: number; headers?: Record<string, string>; body: string }> = {
    '/good': { body: '{"client_id":"x"}' },
    '/redirect': { status: 302, headers: { location: 'https://127.0.0.1/good' }, body: '' },
    '/html': { headers: { 'content-type': 'text/html' }, body: '{}' },
    '/gzip': { headers: { 'content-encoding': 'gzip' }, body: '{}' },
    '/large': { body: JSON.stringify({ a: 'x'.repeat(6000) }) },
    '/broken': { body: '{"client_id":' },
    '/missing': { status: 404, body: '{}' },
  }
  let close = () => {}
  let get: (path: string, host?: string) => Promise<unknown>
  const resolved: string[] = []
  let seen: string[] = []

  beforeAll(async () => {
    const { private: key, cert } = await selfsigned.generate(
      [{ name: 'commonName', value: 'client.example.com' }],
      {
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'client.example.com' }] }],
      },
    )
    const server = createServer({ key, cert }, (req, res) => {
      seen.push(`${req.headers.host}${req.url}`)
      const answer = answers[req.url ?? '']
      res
        .writeHead(answer?.status ?? 200, { 'content-type': 'application/json', ...answer?.headers })
        .end(answer?.body)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const resolve = async (host: string) => {
      resolved.push(host)
      return ['127.0.0.1']
    }
    const fetchDocument = createDocumentFetch({ resolve, allowed: () => true, ca: cert })
    get = (path, host = 'client.example.com') => fetchDocument(new URL(`https://${host}:${port}${path}`))
    close = () => {
      server.closeAllConnections()
      server.close()
    }
  })
  afterAll(() => close())

  test('reads a document, from exactly the address that was resolved once', async () => {
    expect(await get('/good')).toEqual({ client_id: 'x' })
    expect(resolved).toEqual(['client.example.com'])
  })

  test('follows no redirect', async () => {
    seen = []
    await expect(get('/redirect')).rejects.toThrow()
    expect(seen.map((each) => each.replace(/:\d+/, ''))).toEqual(['client.example.com/redirect'])
  })

  test.each(['/html', '/gzip', '/large', '/broken', '/missing'])('refuses %s', async (path) => {
    await expect(get(path)).rejects.toThrow()
  })

  test('refuses a certificate for another name', async () => {
    await expect(get('/good', 'other.example.com')).rejects.toThrow(/altnames|certificate/i)
  })
})
