import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LIMITS, type Listening, listen } from '../../src/serve/listen.js'
import { hear } from '../helpers/raw.js'

/** What the server took for a request. */
let requests: { method: string; url: string; body: string }[] = []
let headerCount = 0
/** Tells of answers that a test waits for. */
const answers = new EventEmitter()
const BIG = Buffer.alloc(32 * 1024 * 1024)

let server: Listening
beforeAll(async () => {
  const limits = {
    ...{ headersTimeout: 1000, requestTimeout: 1500, connectionsCheckingInterval: 50 },
    ...{ keepAliveTimeout: 1000, timeout: 1500, maxConnections: 60 },
  }
  server = await listen(
    (req, res) => {
      let body = ''
      headerCount = req.rawHeaders.length / 2
      req.on('data', (chunk) => {
        body += chunk
      })
      req.on('end', () => {
        requests.push({ method: req.method ?? '', url: req.url ?? '', body })
        if (req.url === '/big') answers.emit('big', res)
        res.end(req.url === '/big' ? BIG : 'ok')
      })
    },
    { url: 'http://127.0.0.1', port: 0, host: '127.0.0.1', limits },
  )
})
afterAll(() => server.close(0))

const HOST = 'Host: 127.0.0.1\r\n'

describe.concurrent('a peer that takes its time is let go', () => {
  test('who says nothing', async () => {
    expect((await hear(server.port, '')).statuses).toEqual([408])
  })

  test('who sends headers one by one', async () => {
    const drip = (write: (more: string) => void) => {
      const timer = setInterval(() => write('X-A: b\r\n'), 100)
      setTimeout(() => clearInterval(timer), 10_000).unref()
    }
    expect((await hear(server.port, `GET / HTTP/1.1\r\n${HOST}`, drip)).statuses).toEqual([408])
  })

  test('who sends the body byte by byte', async () => {
    const drip = (write: (more: string) => void, soFar: string) => {
      if (soFar === '') setInterval(() => write('x'), 100).unref()
    }
    const head = `POST / HTTP/1.1\r\n${HOST}Content-Length: 1000000\r\n\r\n`
    expect((await hear(server.port, head, drip)).statuses).toEqual([408])
  })

  test('who sends chunks of one byte', async () => {
    const drip = (write: (more: string) => void, soFar: string) => {
      if (soFar === '') setInterval(() => write('1\r\nx\r\n'), 100).unref()
    }
    const head = `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n`
    expect((await hear(server.port, head, drip)).statuses).toEqual([408])
  })

  test('who stays after an answer without asking again', async () => {
    expect((await hear(server.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)).statuses).toEqual([200])
  })

  test('who never reads the answer', async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1' })
    socket.pause()
    socket.on('error', () => {})
    socket.write(`GET /big HTTP/1.1\r\n${HOST}\r\n`)
    const [res] = await once(answers, 'big')
    await once(res, 'close')
    let length = 0
    socket.on('data', (chunk) => {
      length += chunk.length
    })
    await once(socket.resume(), 'close')
    expect(length).toBeLessThan(BIG.length)
  })

  test('beside any number of them a request is answered', async () => {
    const slow = Array.from({ length: 40 }, () => hear(server.port, `GET / HTTP/1.1\r\n${HOST}`))
    expect((await hear(server.port, `GET / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`)).statuses).toEqual([
      200,
    ])
    for (const { statuses } of await Promise.all(slow)) expect(statuses).toEqual([408])
  })

  test('within limits that are stated', () => {
    expect(LIMITS).toMatchObject({
      ...{ headersTimeout: 5000, requestTimeout: 15_000, connectionsCheckingInterval: 1000, timeout: 30_000 },
      ...{ keepAliveTimeout: 65_000, maxHeaderSize: 16_384, maxHeadersCount: 64, maxConnections: 2000 },
    })
  })
})

describe('a flood', () => {
  test('of headers by size is 431', async () => {
    const head = `GET / HTTP/1.1\r\n${HOST}${`X-A: ${'a'.repeat(1000)}\r\n`.repeat(20)}\r\n`
    expect((await hear(server.port, head)).statuses).toEqual([431])
  })

  test('of headers by number is not kept', async () => {
    const { statuses } = await hear(server.port, `GET /many HTTP/1.1\r\n${HOST}${'X:y\r\n'.repeat(2000)}\r\n`)
    // Node 20 reads the first of them and drops the rest; later ones refuse the request.
    expect([[200], [431]]).toContainEqual(statuses)
    expect(headerCount).toBeLessThan(100)
  })

  test('of one endless header is 431', async () => {
    expect((await hear(server.port, `GET / HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`)).statuses).toEqual([431])
  })

  test('of an endless address is 431', async () => {
    expect((await hear(server.port, `GET /${'a'.repeat(100_000)}`)).statuses).toEqual([431])
  })

  test('of pipelined requests is answered one by one, in order', async () => {
    requests = []
    const urls = Array.from({ length: 500 }, (_, index) => `/${index}`)
    const { statuses } = await hear(
      server.port,
      urls.map((url) => `GET ${url} HTTP/1.1\r\n${HOST}\r\n`).join(''),
    )
    expect(statuses).toEqual(urls.map(() => 200))
    expect(requests.map(({ url }) => url)).toEqual(urls)
  })

  test('of connections is cut at the limit', async () => {
    const all = Array.from({ length: 100 }, () => hear(server.port, ''))
    const heard = await Promise.all(all)
    expect(heard.filter(({ statuses }) => statuses.length === 0).length).toBeGreaterThanOrEqual(40)
    expect((await hear(server.port, `GET / HTTP/1.1\r\n${HOST}\r\n`)).statuses).toEqual([200])
  })
})

/** A request inside what may or may not be the body of another. */
const SMUGGLED = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`
const post = (headers: string, body: string) => `POST /first HTTP/1.1\r\n${HOST}${headers}\r\n${body}`

test('a request without Host is refused', async () => {
  expect((await hear(server.port, 'GET / HTTP/1.1\r\n\r\n')).statuses).toEqual([400])
})

describe('a request that two servers could read differently is refused', () => {
  const both = 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'
  test.each([
    ['a length and chunks', post(both, `0\r\n\r\n${SMUGGLED}`)],
    [
      'chunks and a length',
      post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${SMUGGLED}`),
    ],
    ['two lengths', post('Content-Length: 0\r\nContent-Length: 9\r\n', SMUGGLED)],
    ['two lengths in one header', post('Content-Length: 0, 9\r\n', SMUGGLED)],
    ['a signed length', post('Content-Length: +0\r\n', SMUGGLED)],
    ['a negative length', post('Content-Length: -1\r\n', SMUGGLED)],
    ['a length in hexadecimal', post('Content-Length: 0x0\r\n', SMUGGLED)],
    ['a length with a space inside', post('Content-Length: 1 0\r\n', SMUGGLED)],
    ['an endless length', post(`Content-Length: ${'9'.repeat(30)}\r\n`, SMUGGLED)],
    ['a space before the colon', post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${SMUGGLED}`)],
    ['a folded header', post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${SMUGGLED}`)],
    [
      'a coding that is not the last',
      post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${SMUGGLED}`),
    ],
    ['a coding that does not exist', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${SMUGGLED}`)],
    ['a chunk size that is no number', post('Transfer-Encoding: chunked\r\n', `z\r\n\r\n${SMUGGLED}`)],
    ['an endless chunk size', post('Transfer-Encoding: chunked\r\n', `${'f'.repeat(20)}\r\n${SMUGGLED}`)],
    [
      'a chunk longer than it says',
      post('Transfer-Encoding: chunked\r\n', `1\r\nab\r\n0\r\n\r\n${SMUGGLED}`),
    ],
    ['bare line feeds', `POST /first HTTP/1.1\n${HOST}Transfer-Encoding: chunked\n\n0\n\n${SMUGGLED}`],
    ['a bare carriage return in a header', post('X: a\rTransfer-Encoding: chunked\r\n', SMUGGLED)],
    ['NUL in a header', post('X: a\0b\r\n', SMUGGLED)],
    ['NUL in a name', post('X\0: a\r\n', SMUGGLED)],
    ['a header without a name', post(': a\r\n', SMUGGLED)],
    ['another protocol', `GET /first HTTP/9.9\r\n${HOST}\r\n${SMUGGLED}`],
    ['HTTP/2 without asking', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SMUGGLED}`],
    ['a space in the address', `GET /first /second HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['a method that is none', `G\0T /first HTTP/1.1\r\n${HOST}\r\n${SMUGGLED}`],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
  ])('%s', async (_name, bytes) => {
    requests = []
    const { statuses } = await hear(server.port, bytes)
    expect(statuses.at(-1)).toBe(400)
    expect(requests.map(({ url }) => url)).not.toContain('/smuggled')
  })
})
